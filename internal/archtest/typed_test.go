package archtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A typed is one package of the released module, without its tests, with types.
type typed struct {
	root  string
	dir   string // relative to the root, with slashes
	fset  *token.FileSet
	files []*ast.File
	pkg   *types.Package
	info  *types.Info
}

// goCommand runs the go command in root, for the module there alone: what the
// workspace adds must not hide what the released module lacks.
func goCommand(root string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off", "PWD="+root)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, exit.Stderr)
	}
	return out, err
}

// check returns every package of the module at root with its types. What it
// imports is read from the compiler's export data, as the build made it.
func check(root string) ([]typed, error) {
	out, err := goCommand(root, "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly", "./...")
	if err != nil {
		return nil, err
	}
	type listed struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
		DepOnly                 bool
	}
	var own []listed
	exports := map[string]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			own = append(own, p)
		}
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(exports[path])
	})
	var all []typed
	for _, p := range own {
		one := typed{root: root, dir: relative(root, p.Dir), fset: fset, info: &types.Info{
			Defs: map[*ast.Ident]types.Object{},
			Uses: map[*ast.Ident]types.Object{},
		}}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			one.files = append(one.files, file)
		}
		config := types.Config{Importer: imports}
		if one.pkg, err = config.Check(p.ImportPath, fset, one.files, one.info); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// checkedRepository is the types of the released module, found out once.
var checkedRepository = sync.OnceValues(func() ([]typed, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return nil, err
	}
	return check(root)
})

func releasedPackages(t *testing.T) []typed {
	t.Helper()
	all, err := checkedRepository()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func plantedPackages(t *testing.T, files map[string]string) []typed {
	t.Helper()
	all, err := check(plant(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// at is where something stands, for a message.
func (p typed) at(pos token.Pos) string { return at(p.root, p.fset, pos) }

// uses calls yield for each mention of an object, file by file in order.
func (p typed) uses(yield func(id *ast.Ident, object types.Object)) {
	for _, file := range p.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if object := p.info.Uses[id]; object != nil {
					yield(id, object)
				}
			}
			return true
		})
	}
}

// only keeps the packages of the named directories.
func only(all []typed, dirs ...string) []typed {
	var kept []typed
	for _, p := range all {
		for _, dir := range dirs {
			if p.dir == dir {
				kept = append(kept, p)
			}
		}
	}
	return kept
}
