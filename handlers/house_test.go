package handlers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"locum/models/account"
	"locum/views/i18n"
)

// aggregates are the packages of the domain, in the order in which they may
// build on one another: each imports only those before it.
var aggregates = []string{"event", "secret", "mail", "account", "passkey", "tenancy", "notice", "delegation", "mandate", "access", "vault", "federation",
	"provisioning", "client", "configuration", "directory", "feed", "webhook", "openid", "usage"}

// domain is the vocabulary and every aggregate: what the outside of the house
// may know of models. The store is not in it.
var domain = append([]string{"models"}, before("")...)

// before lists the aggregates that stand before one; all of them for "".
func before(aggregate string) (list []string) {
	for _, name := range aggregates {
		if name == aggregate {
			break
		}
		list = append(list, "models/"+name)
	}
	return list
}

// rule says what a folder of the house may import of the house. A path that
// ends in /... stands for everything below it.
type rule struct {
	folder  string
	imports []string
}

// rules are the import rules, the first that fits counts. A folder that none
// fits is refused, so that a new one has to be thought about here.
var rules = slices.Concat([]rule{
	{"cmd/...", []string{"..."}},

	{"handlers", append([]string{"handlers/...", "views/layout", "views/i18n", "static"}, domain...)},
	{"handlers/demo/...", nil}, // strangers: reached over the wire only
	{"handlers/webtest", []string{"handlers/web", "models/...", "views/..."}},
	{"handlers/web", []string{"models", "views/i18n", "views/layout", "views/ui"}},
	{"handlers/...", append([]string{"handlers/web", "views/..."}, domain...)}, // never a sibling

	{"views/i18n", []string{"models"}},
	{"views/ui/...", append([]string{"views/i18n", "views/ui/...", "static"}, domain...)},
	{"views/layout", append([]string{"views/i18n", "views/ui", "static"}, domain...)},
	{"views/...", append([]string{"views/...", "static"}, domain...)},

	{"models", nil},
	{"models/store", []string{"models", "migrations"}},
	{"models/modelstest", []string{"models/..."}},
}, aggregateRules(), []rule{
	{"migrations", nil},
	{"static", nil},
})

func aggregateRules() (list []rule) {
	for _, name := range aggregates {
		list = append(list, rule{"models/" + name, append([]string{"models", "models/store"}, before(name)...)})
	}
	return list
}

// forTests is what any test may import besides: it makes the state it begins
// with through the store and the domain, and runs on modelstest's databases.
var forTests = slices.Concat([]string{"models/store"}, onlyForTests, domain)

// onlyForTests are the packages that the program itself never imports.
var onlyForTests = []string{"handlers/webtest", "models/modelstest", "views/ui/uitest"}

// outside says which folders may import packages of others that open a way
// past a wall: to the database, or from a view to the request.
var outside = []struct {
	imported string
	folders  []string
}{
	{"database/sql", []string{"models/store", "models/modelstest"}},
	{"github.com/jackc/pgx/v5/...", []string{"models/store", "models/modelstest"}},
	{"gorm.io/...", []string{"models/..."}},
	{"net/http", []string{"cmd/...", "handlers/...", "static"}},
}

// shapeless are names that say nothing about what a package is for.
var shapeless = []string{"util", "utils", "common", "helper", "helpers", "manager", "service", "impl"}

// judge says what is wrong with an import, and nothing when it is right.
func judge(folder, imported string, test bool) string {
	if ours, is := strings.CutPrefix(imported, "locum/"); is {
		return judgeOurs(folder, ours, test)
	}
	for _, o := range outside {
		if fits(o.imported, imported) && !test && !slices.ContainsFunc(o.folders, func(f string) bool { return fits(f, folder) }) {
			return "only " + strings.Join(o.folders, ", ") + " may"
		}
	}
	return ""
}

func judgeOurs(folder, imported string, test bool) string {
	i := slices.IndexFunc(rules, func(r rule) bool { return fits(r.folder, folder) })
	if i < 0 {
		return "no rule knows this folder: write one in handlers/house_test.go"
	}
	allowed := rules[i].imports
	switch {
	case imported == folder: // a test from outside its package
		return ""
	case test && folder == "handlers": // the whole house at work
		return ""
	case test:
		allowed = append(slices.Clone(allowed), forTests...)
	case slices.Contains(onlyForTests, imported) && !slices.Contains(onlyForTests, folder):
		return "only tests may"
	}
	if slices.ContainsFunc(allowed, func(a string) bool { return fits(a, imported) }) {
		return ""
	}
	return "it may import " + strings.Join(allowed, ", ")
}

// fits says whether a path is the pattern, or stands below one that ends in
// /... .
func fits(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	above, deep := strings.CutSuffix(pattern, "/...")
	return name == above || deep && strings.HasPrefix(name, above+"/")
}

// raw are the calls that take a whole statement. handlers and views cannot
// make them, since they may not import what has them.
var raw = []string{"Raw", "Exec", "ExecContext", "QueryContext", "QueryRowContext"}

// mayWriteSQL are the folders whose statements gorm does not write.
var mayWriteSQL = []string{"models/store", "models/modelstest", "migrations"}

// source is one Go file of the house.
type source struct {
	path   string // from the root, with slashes
	folder string
	test   bool
	file   *ast.File
	set    *token.FileSet
}

// house parses every Go file of the project.
func house(t *testing.T) (list []source) {
	t.Helper()
	const root = ".."
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); name != root && (base[0] == '.' || base[0] == '_' || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		list = append(list, source{path: relative, folder: path.Dir(relative), test: strings.HasSuffix(relative, "_test.go"), file: file, set: set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("only %d files were found: this test looks in the wrong place", len(list))
	}
	return list
}

func (s source) at(p token.Pos) string { return s.path + ":" + strconv.Itoa(s.set.Position(p).Line) }

// TestHouse holds every import against the rules. There are no exceptions by
// file: what does not fit moves, or the rule changes for all.
func TestHouse(t *testing.T) {
	for _, s := range house(t) {
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := judge(s.folder, imported, s.test); why != "" {
				t.Errorf("%s: %s imports %s: %s", s.at(spec.Pos()), s.folder, imported, why)
			}
		}
	}
}

// TestPackageNames keeps out names under which anything could be put.
func TestPackageNames(t *testing.T) {
	for _, s := range house(t) {
		for _, name := range append(strings.Split(s.folder, "/"), strings.TrimSuffix(s.file.Name.Name, "_test")) {
			if slices.Contains(shapeless, name) {
				t.Errorf("%s: %q does not say what a package is for", s.path, name)
			}
		}
	}
}

// TestLanguages holds the languages that a person may choose against those
// that the pages speak: neither package may import the other.
func TestLanguages(t *testing.T) {
	if spoken := i18n.Languages(); !slices.Equal(spoken, account.Languages) {
		t.Errorf("people may choose %v, and the catalogs are in %v", account.Languages, spoken)
	}
}

// TestRawSQL keeps whole statements where the wall between tenants can be
// seen around them.
func TestRawSQL(t *testing.T) {
	for _, s := range house(t) {
		knowsDatabase := fits("models/...", s.folder) || fits("cmd/...", s.folder)
		if s.test || !knowsDatabase || slices.Contains(mayWriteSQL, s.folder) {
			continue
		}
		for _, call := range rawCalls(s.file) {
			t.Errorf("%s: only %s may call %s", s.at(call.Pos()), strings.Join(mayWriteSQL, ", "), call.Sel.Name)
		}
	}
}

func rawCalls(file *ast.File) (list []*ast.SelectorExpr) {
	ast.Inspect(file, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is {
			if method, is := call.Fun.(*ast.SelectorExpr); is && slices.Contains(raw, method.Sel.Name) {
				list = append(list, method)
			}
		}
		return true
	})
	return list
}

// TestRules shows that the rules refuse what they are there to refuse.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		folder, imported string
		test, right      bool
	}{
		{folder: "cmd/locum", imported: "locum/models/store", right: true},
		{folder: "cmd/locum", imported: "locum/models/modelstest"},
		{folder: "handlers", imported: "locum/handlers/delegation", right: true},
		{folder: "handlers", imported: "locum/models/store"},
		{folder: "handlers", imported: "locum/models/store", test: true, right: true},
		{folder: "handlers/delegation", imported: "locum/handlers/web", right: true},
		{folder: "handlers/delegation", imported: "locum/models/delegation", right: true},
		{folder: "handlers/delegation", imported: "locum/views/delegation", right: true},
		{folder: "handlers/delegation", imported: "locum/handlers/account"},
		{folder: "handlers/delegation", imported: "locum/handlers/account", test: true},
		{folder: "handlers/delegation", imported: "locum/models/store"},
		{folder: "handlers/delegation", imported: "gorm.io/gorm"},
		{folder: "handlers/delegation", imported: "gorm.io/gorm/clause"},
		{folder: "handlers/delegation", imported: "locum/models/modelstest"},
		{folder: "handlers/delegation", imported: "locum/models/modelstest", test: true, right: true},
		{folder: "handlers/web", imported: "locum/views/layout", right: true},
		{folder: "handlers/web", imported: "locum/views/delegation"},
		{folder: "handlers/web", imported: "locum/models/access"},
		{folder: "handlers/web", imported: "net/http", right: true},
		{folder: "handlers/demo", imported: "locum/models"},
		{folder: "handlers/demo", imported: "locum/handlers/web"},
		{folder: "views/delegation", imported: "locum/models/delegation", right: true},
		{folder: "views/delegation", imported: "net/http"},
		{folder: "views/delegation", imported: "locum/handlers/web"},
		{folder: "views/delegation", imported: "locum/models/store"},
		{folder: "views/ui", imported: "locum/views/layout"},
		{folder: "models", imported: "locum/models/event"},
		{folder: "models/store", imported: "locum/models", right: true},
		{folder: "models/store", imported: "locum/models/event"},
		{folder: "models/delegation", imported: "locum/models/tenancy", right: true},
		{folder: "models/delegation", imported: "locum/models/access"},
		{folder: "models/delegation", imported: "locum/models/access", test: true, right: true},
		{folder: "models/delegation", imported: "locum/views/i18n"},
		{folder: "models/delegation", imported: "database/sql"},
		{folder: "models/delegation", imported: "database/sql/driver", right: true},
		{folder: "models/delegation", imported: "github.com/jackc/pgx/v5/pgxpool"},
		{folder: "models/billing", imported: "locum/models"},
		{folder: "static", imported: "locum/models"},
	} {
		if why := judge(c.folder, c.imported, c.test); (why == "") != c.right {
			t.Errorf("%s imports %s (test: %v): %q", c.folder, c.imported, c.test, why)
		}
	}
}

func TestRawCalls(t *testing.T) {
	const text = `package p
func f(tx Tx) { tx.Model(x).Where("a = ?", 1); tx.Raw("SELECT 1"); tx.Where("b").Exec("DELETE") }`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	if calls := rawCalls(file); len(calls) != 2 {
		t.Errorf("%d raw calls were found, and there are two", len(calls))
	}
}
