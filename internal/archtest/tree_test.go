package archtest_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/nextcall/nextcall"

// A source is one parsed Go file of the tree.
type source struct {
	path   string // relative to the root, with slashes
	dir    string // the same, of its directory; "." is the root
	nested string // directory of the nested module it belongs to; "" is the released module
	test   bool   // a _test.go file
	syntax *ast.File
}

// A tree is all Go files under a root, as far as parsing alone tells about them.
type tree struct {
	root  string
	fset  *token.FileSet
	files []source
}

// repository returns the root of this repository.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module "+modulePath+"\n") {
			return dir
		}
	}
	t.Fatalf("no go.mod of %s above the working directory", modulePath)
	return ""
}

// plant writes a small tree for a checker to find fault with.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	if _, ok := files["go.mod"]; !ok {
		files["go.mod"] = "module " + modulePath + "\n\ngo 1.25.0\n"
	}
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// parse reads every Go file under root, leaving out what the go command leaves
// out: testdata, and names that begin with a dot or an underscore.
func parse(t *testing.T, root string) tree {
	t.Helper()
	tr := tree{root: root, fset: token.NewFileSet()}
	nested := map[string]string{".": ""}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, rel := entry.Name(), relative(root, file)
		if rel == "." {
			return nil
		}
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			nested[rel] = nested[path.Dir(rel)]
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil {
				nested[rel] = rel
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		syntax, err := parser.ParseFile(tr.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := path.Dir(rel)
		tr.files = append(tr.files, source{
			path: rel, dir: dir, nested: nested[dir],
			test: strings.HasSuffix(name, "_test.go"), syntax: syntax,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func relative(root, file string) string {
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}

// at is where something stands, for a message.
func at(root string, fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	return fmt.Sprintf("%s:%d", relative(root, p.Filename), p.Line)
}

// imports calls yield for each import of the file.
func (s source) imports(yield func(spec *ast.ImportSpec, imported string)) {
	for _, spec := range s.syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			yield(spec, imported)
		}
	}
}

// within says whether an import path is prefix or below it.
func within(imported, prefix string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}

// ours returns the directory of an imported package of the released module.
func ours(imported string) (string, bool) {
	if imported == modulePath {
		return ".", true
	}
	return strings.CutPrefix(imported, modulePath+"/")
}

// holds fails the test with the rule and every place that breaks it.
func holds(t *testing.T, rule string, problems []string) {
	t.Helper()
	if len(problems) > 0 {
		t.Errorf("the rule: %s\nbroken by:\n\t%s", rule, strings.Join(problems, "\n\t"))
	}
}

// breaks fails the test unless some problem names each of the wanted texts, and
// there are no more problems than wanted.
func breaks(t *testing.T, problems []string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(strings.Join(problems, "\n"), want) {
			t.Errorf("the planted tree breaks the rule at %q, and the checker did not see it; it saw %q", want, problems)
		}
	}
	if len(problems) != len(wanted) {
		t.Errorf("%d problems wanted, got %d: %q", len(wanted), len(problems), problems)
	}
}
