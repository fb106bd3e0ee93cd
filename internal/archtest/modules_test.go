package archtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// requirements are the modules that the released module may require directly.
// Each has its reason in docs/decisions.
var requirements = []string{
	"github.com/google/cel-go",
	"cel.dev/expr",
	"github.com/rickb777/date",
	"github.com/rickb777/period",
	"github.com/nyaruka/phonenumbers",
	"github.com/stretchr/testify",
	"golang.org/x/exp",
	"golang.org/x/text",
	"github.com/rickar/cal",
	"pgregory.net/rapid",
	"go.uber.org/goleak",
	"google.golang.org/protobuf",
}

// A modFile is what `go mod edit -json` and `go work edit -json` print, as far
// as the rules ask for it.
type modFile struct {
	Go      string
	Module  struct{ Path string }
	Require []struct {
		Path, Version string
		Indirect      bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
	Exclude []json.RawMessage
	Use     []struct{ DiskPath string }
}

func readMod(root string, args ...string) (modFile, error) {
	var f modFile
	out, err := goCommand(root, args...)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(out, &f)
}

// modules returns the directories that hold a go.mod, the root's first.
func modules(root string) ([]string, error) {
	dirs := []string{"."}
	err := walkText(root, func(rel string, _ []byte) {
		if path.Base(rel) == "go.mod" && rel != "go.mod" {
			dirs = append(dirs, path.Dir(rel))
		}
	})
	return dirs, err
}

var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

// looseModules finds what keeps the released module from standing alone, or the
// nested ones from standing on it.
func looseModules(root string, requirements []string) ([]string, error) {
	dirs, err := modules(root)
	if err != nil {
		return nil, err
	}
	var problems []string
	say := func(dir, format string, args ...any) {
		problems = append(problems, path.Join(dir, "go.mod")+": "+fmt.Sprintf(format, args...))
	}
	released, err := readMod(root, "mod", "edit", "-json")
	if err != nil {
		return nil, err
	}
	for _, r := range released.Require {
		if name := majorVersion.ReplaceAllString(r.Path, ""); !r.Indirect && !slices.Contains(requirements, name) {
			say(".", "requires %s, which is none of %v", r.Path, requirements)
		}
	}
	if len(released.Replace)+len(released.Exclude) > 0 {
		say(".", "replace and exclude have no effect for those who require the module")
	}
	for _, dir := range dirs[1:] {
		nested, err := readMod(filepath.Join(root, dir), "mod", "edit", "-json")
		if err != nil {
			return nil, err
		}
		up := relative(filepath.Join(root, dir), root)
		if len(nested.Replace) != 1 || nested.Replace[0].Old.Path != modulePath || path.Clean(nested.Replace[0].New.Path) != up {
			say(dir, "wants exactly one replace: %s => %s", modulePath, up)
		}
		if want := modulePath + "/" + dir; nested.Module.Path != want {
			say(dir, "is module %s, not %s", nested.Module.Path, want)
		}
		if nested.Go != released.Go {
			say(dir, "says go %s, the released module %s", nested.Go, released.Go)
		}
	}
	work, err := readMod(root, "work", "edit", "-json", filepath.Join(root, "go.work"))
	if err != nil {
		return nil, err
	}
	var used []string
	for _, use := range work.Use {
		used = append(used, path.Clean(use.DiskPath))
	}
	slices.Sort(used)
	slices.Sort(dirs)
	if !slices.Equal(used, dirs) {
		problems = append(problems, fmt.Sprintf("go.work: uses %v, the modules are %v", used, dirs))
	}
	if len(work.Replace) > 0 {
		problems = append(problems, "go.work: replace belongs into the nested modules")
	}
	return problems, nil
}

func TestTheReleasedModuleRequiresLittleAndStandsAlone(t *testing.T) {
	problems, err := looseModules(repository(t), requirements)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "the released module requires only what docs/decisions names, without replace; nested modules replace it by the root and nothing else; go.work joins them all",
		problems)
}

func TestEveryRequirementHasItsReason(t *testing.T) {
	root := repository(t)
	notes, err := os.ReadFile(filepath.Join(root, "docs", "decisions", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := modules(root)
	if err != nil {
		t.Fatal(err)
	}
	var problems []string
	for _, dir := range dirs {
		f, err := readMod(filepath.Join(root, dir), "mod", "edit", "-json")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range f.Require {
			if !r.Indirect && r.Path != modulePath && !strings.Contains(string(notes), "`"+r.Path+"`") {
				problems = append(problems, path.Join(dir, "go.mod")+": "+r.Path)
			}
		}
	}
	holds(t, "each direct requirement is named in docs/decisions/dependencies.md with its reason", problems)
}

func TestModuleCheckerSeesWhatBreaksTheRules(t *testing.T) {
	good := map[string]string{
		"go.mod":          "module " + modulePath + "\n\ngo 1.25.0\n\nrequire github.com/rickar/cal/v2 v2.1.27\n",
		"examples/go.mod": "module " + modulePath + "/examples\n\ngo 1.25.0\n\nreplace " + modulePath + " => ../\n",
		"go.work":         "go 1.25.0\n\nuse (\n\t.\n\t./examples\n)\n",
	}
	problems, err := looseModules(plant(t, good), requirements)
	if err != nil {
		t.Fatal(err)
	}
	breaks(t, problems)

	problems, err = looseModules(plant(t, map[string]string{
		"go.mod":              "module " + modulePath + "\n\ngo 1.25.0\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.0.0\n\tgithub.com/spf13/pflag v1.0.0 // indirect\n)\n\nreplace other.example => ./other\n",
		"examples/go.mod":     "module " + modulePath + "/examples\n\ngo 1.25.0\n\nreplace (\n\t" + modulePath + " => ../\n\tother.example => ../other\n)\n",
		"internal/own/go.mod": "module own\n\ngo 1.24.0\n\nreplace " + modulePath + " => ../\n",
		"go.work":             "go 1.25.0\n\nuse .\n\nreplace other.example => ./other\n",
	}), requirements)
	if err != nil {
		t.Fatal(err)
	}
	breaks(t, problems, "go.mod: requires github.com/jackc/pgx/v5", "go.mod: replace and exclude", "examples/go.mod: wants exactly",
		"internal/own/go.mod: wants exactly", "internal/own/go.mod: is module own", "internal/own/go.mod: says go 1.24", "go.work: uses", "go.work: replace")
}
