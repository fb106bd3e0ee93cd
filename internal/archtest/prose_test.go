package archtest_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// walkText calls yield for each text file under root, whatever its kind, but
// for the version control's own.
func walkText(root string, yield func(rel string, text []byte)) error {
	return filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == ".git" {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil // a linked worktree has a file of that name
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(file)
		if err == nil && utf8.Valid(text) && !bytes.ContainsRune(text, 0) {
			yield(relative(root, file), text)
		}
		return err
	})
}

// undocumented finds packages whose question is answered in no file's package
// comment, or in several.
func undocumented(tr tree) []string {
	type comments struct {
		name  string
		first []string
	}
	packages := map[string]*comments{}
	var dirs []string
	for _, file := range tr.files {
		if file.test {
			continue
		}
		p := packages[file.dir]
		if p == nil {
			p = &comments{name: file.syntax.Name.Name}
			packages[file.dir] = p
			dirs = append(dirs, file.dir)
		}
		if file.syntax.Doc != nil {
			p.first = append(p.first, file.syntax.Doc.Text())
		}
	}
	var problems []string
	for _, dir := range dirs {
		p := packages[dir]
		switch {
		case len(p.first) != 1:
			problems = append(problems, fmt.Sprintf("%s: %d package comments, not one", dir, len(p.first)))
		case p.name != "main" && !strings.HasPrefix(p.first[0], "Package "+p.name+" "):
			problems = append(problems, fmt.Sprintf("%s: the package comment does not begin with %q", dir, "Package "+p.name))
		}
	}
	return problems
}

const quickstart = "examples/quickstart/main.go"

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// driftedReadme finds Go code in the README that is not, byte for byte, a whole
// program of the examples, with the quickstart among them.
func driftedReadme(root string) ([]string, error) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		return nil, err
	}
	first, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(quickstart)))
	if err != nil {
		return nil, err
	}
	programs := []string{string(first)}
	others, err := filepath.Glob(filepath.Join(root, "examples", "*", "main.go"))
	if err != nil {
		return nil, err
	}
	for _, file := range others {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		programs = append(programs, string(text))
	}
	var problems []string
	shown := false
	for _, block := range goBlock.FindAllSubmatchIndex(readme, -1) {
		code := string(readme[block[2]:block[3]])
		shown = shown || code == programs[0]
		if !slices.Contains(programs, code) {
			problems = append(problems, fmt.Sprintf("README.md:%d: the Go code is no program of examples, byte for byte", bytes.Count(readme[:block[0]], []byte("\n"))+1))
		}
	}
	if !shown {
		problems = append(problems, "README.md: does not show "+quickstart)
	}
	return problems, nil
}

// Words that have no place in a finished tree. They are put together here, for
// this file is read as well.
var (
	unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)
	neighbour  = regexp.MustCompile(`\.\.` + `/shared`)
	ofOneHost  = regexp.MustCompile(`(^|[^\w.*/-])/(work|farm|tmp|root|home)/`)
)

// looseEnds finds words of unfinished work, and paths that exist on one machine
// only. What runs on a machine, .ci, may name its paths.
func looseEnds(root string) ([]string, error) {
	var problems []string
	err := walkText(root, func(rel string, text []byte) {
		for i, line := range strings.Split(string(text), "\n") {
			say := func(format string, args ...any) {
				problems = append(problems, fmt.Sprintf("%s:%d: ", rel, i+1)+fmt.Sprintf(format, args...))
			}
			if word := unfinished.FindString(line); word != "" {
				say("%s: finish it or leave it out", word)
			}
			if neighbour.MatchString(line) && rel != ".ci/run" {
				say("names a directory outside of the repository")
			}
			if ofOneHost.MatchString(line) && path.Dir(rel) != ".ci" {
				say("names a path of one machine")
			}
		}
	})
	return problems, err
}

func TestEveryPackageHasOnePackageComment(t *testing.T) {
	holds(t, "one file of each package has the package comment, which begins with the package's name and says what it answers",
		undocumented(parse(t, repository(t))))
}

func TestTheReadmeShowsTheQuickstart(t *testing.T) {
	problems, err := driftedReadme(repository(t))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "the README's Go code is compiled: it equals "+quickstart+" byte for byte", problems)
}

func TestNoLooseEnds(t *testing.T) {
	problems, err := looseEnds(repository(t))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "the tree speaks of itself alone, and of finished work", problems)
}

func TestProseCheckersSeeWhatBreaksTheRules(t *testing.T) {
	root := plant(t, map[string]string{
		"a/one.go":        "// Package a answers.\npackage a\n",
		"a/two.go":        "package a\n",
		"a/a_test.go":     "// Package comments of tests do not count.\npackage a\n",
		"b/one.go":        "// Package b answers.\npackage b\n",
		"b/two.go":        "// Package b answers twice.\npackage b\n",
		"c/c.go":          "package c // silent\n",
		"d/d.go":          "// What d answers.\npackage d\n",
		"e/main.go":       "// A program.\npackage main\n",
		".ci/run":         "data=.." + "/shared/data; cd /tm" + "p/x\n",
		"a/text.md":       "TO" + "DO\nsee .." + "/shared\nin /wor" + "k/main and (/tm" + "p/x)\nhttps://example.org/hom" + "e/x and a/wor" + "k/b\n",
		"a/binary.bin":    "FIX" + "ME\x00",
		"README.md":       "```go\npackage main\n\n// drifted\n```\n\n```sh\ngo test work\n```\n",
		quickstart:        "package main\n",
		"a/testdata/x.go": "package x\n",
	})
	tr := parse(t, root)
	breaks(t, undocumented(tr), "b: 2", "c: 0", "d: the package comment", "examples/quickstart: 0")

	problems, err := looseEnds(root)
	if err != nil {
		t.Fatal(err)
	}
	breaks(t, problems, "text.md:1", "text.md:2", "text.md:3")

	problems, err = driftedReadme(root)
	if err != nil {
		t.Fatal(err)
	}
	breaks(t, problems, "README.md:1", "README.md: does not show")

	fixed := "```go\npackage main\n```\n"
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(fixed), 0o644); err != nil {
		t.Fatal(err)
	}
	if problems, err = driftedReadme(root); err != nil {
		t.Fatal(err)
	}
	breaks(t, problems)

	if err := os.Remove(filepath.Join(root, filepath.FromSlash(quickstart))); err != nil {
		t.Fatal(err)
	}
	if _, err = driftedReadme(root); err == nil {
		t.Error("the quickstart is missing, and the checker did not mind")
	}
}
