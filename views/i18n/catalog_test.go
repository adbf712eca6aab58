package i18n

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forms reads a catalog: by key the texts of its plural forms, or of the one
// form "".
func forms(t *testing.T, lang, area string) map[string]map[string]string {
	t.Helper()
	content, err := fs.ReadFile(files, "locales/"+lang+"/"+area)
	if err != nil {
		t.Fatalf("%s has no %s: %v", lang, area, err)
	}
	var raw map[string]any
	if err := json.Unmarshal(content, &raw); err != nil {
		t.Fatalf("%s/%s: %v", lang, area, err)
	}
	read := map[string]map[string]string{}
	for key, value := range raw {
		switch value := value.(type) {
		case string:
			read[key] = map[string]string{"": value}
		case map[string]any:
			read[key] = map[string]string{}
			for form, text := range value {
				read[key][form] = fmt.Sprint(text)
			}
		default:
			t.Errorf("%s/%s: %s is no text", lang, area, key)
		}
	}
	return read
}

func areas(t *testing.T, lang string) []string {
	t.Helper()
	names, err := fs.Glob(files, "locales/"+lang+"/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	return names
}

var placeholder = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

// arguments are the names a text's forms use. A plural need not say its count.
func arguments(texts map[string]string) map[string]bool {
	names := map[string]bool{}
	for _, text := range texts {
		for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
			names[match[1]] = true
		}
	}
	return names
}

func TestLanguagesSayTheSame(t *testing.T) {
	for _, lang := range Languages() {
		if lang == Default {
			continue
		}
		if have, want := areas(t, lang), areas(t, Default); !slices.Equal(have, want) {
			t.Errorf("%s has the catalogs %v, %s has %v", lang, have, Default, want)
			continue
		}
		for _, area := range areas(t, Default) {
			own, theirs := forms(t, Default, area), forms(t, lang, area)
			for key, texts := range own {
				other, there := theirs[key]
				if !there {
					t.Errorf("%s/%s lacks %s", lang, area, key)
					continue
				}
				if !maps.Equal(arguments(texts), arguments(other)) {
					t.Errorf("%s/%s: %s has the arguments %v, %s has %v", lang, area, key, arguments(other), Default, arguments(texts))
				}
			}
			for key := range theirs {
				if _, there := own[key]; !there {
					t.Errorf("%s/%s has %s, which %s lacks", lang, area, key, Default)
				}
			}
		}
	}
}

func TestTextsAreWellFormed(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$`)
	seen := map[string]string{}
	for _, lang := range Languages() {
		for _, area := range areas(t, lang) {
			for key, texts := range forms(t, lang, area) {
				where := lang + "/" + area + ": " + key
				if !shape.MatchString(key) {
					t.Errorf("%s is not written as area.key", where)
				}
				if other, twice := seen[lang+key]; twice {
					t.Errorf("%s stands in %s too", where, other)
				}
				seen[lang+key] = area
				if _, plural := texts[""]; !plural && (texts["one"] == "" || texts["other"] == "") {
					t.Errorf("%s lacks a plural form", where)
				}
				for _, text := range texts {
					checkText(t, where, lang, text)
				}
			}
		}
	}
}

// formal is the way we do not speak to people in Dutch.
var formal = regexp.MustCompile(`(?i)(^|[^\pL])(u|uw)([^\pL]|$)`)

func checkText(t *testing.T, where, lang, text string) {
	t.Helper()
	switch {
	case strings.TrimSpace(text) == "":
		t.Errorf("%s is empty", where)
	case strings.Contains(text, "!"):
		t.Errorf("%s shouts", where)
	case strings.Count(text, "{{") != len(placeholder.FindAllString(text, -1)):
		t.Errorf("%s has an argument that is not {{.Name}}", where)
	case lang == "en" && regexp.MustCompile(`(?i)\b(please|successfully)\b`).MatchString(text):
		t.Errorf("%s says please or successfully", where)
	case lang == "nl" && formal.MatchString(strings.ReplaceAll(text, "{{.Hours}} u ", "")):
		t.Errorf("%s says u", where)
	}
}

// use is one place in the source that names a key.
type use struct {
	key, where string
	args       []string // names, when all of them are literal
	whole      bool     // args is the whole of them
	plural     bool
}

// sayers are the functions that take a key: where it stands, and where the names
// and values begin, among the arguments that are not a context.
var sayers = map[string]struct{ key, args int }{
	"T": {0, 1}, "N": {0, 2}, "Text": {0, 1}, "Fail": {1, 2}, "Add": {1, 2},
}

var keyShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+$`)

func literal(e ast.Expr) (string, bool) {
	if basic, ok := e.(*ast.BasicLit); ok && basic.Kind == token.STRING {
		text, err := strconv.Unquote(basic.Value)
		return text, err == nil
	}
	return "", false
}

// uses finds the keys that a Go file names: in calls of the sayers, and in
// fields called Key. Pages are read as the Go that templ made of them.
func uses(t *testing.T, name string) []use {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []use
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.KeyValueExpr:
			field, ok := node.Key.(*ast.Ident)
			if key, text := literal(node.Value); ok && text && field.Name == "Key" && keyShape.MatchString(key) {
				found = append(found, use{key: key, where: set.Position(node.Pos()).String()})
			}
		case *ast.CallExpr:
			if u, ok := call(node); ok {
				u.where = set.Position(node.Pos()).String()
				found = append(found, u)
			}
		}
		return true
	})
	return found
}

func call(node *ast.CallExpr) (use, bool) {
	var name string
	switch function := node.Fun.(type) {
	case *ast.Ident:
		name = function.Name
	case *ast.SelectorExpr:
		name = function.Sel.Name
	}
	sayer, ok := sayers[name]
	args := node.Args
	if len(args) > 0 {
		if first, named := args[0].(*ast.Ident); named && first.Name == "ctx" {
			args = args[1:]
		}
	}
	if !ok || len(args) <= sayer.key {
		return use{}, false
	}
	key, text := literal(args[sayer.key])
	if !text || !keyShape.MatchString(key) {
		return use{}, false
	}
	u := use{key: key, whole: !node.Ellipsis.IsValid(), plural: name == "N"}
	for i := sayer.args; i < len(args); i += 2 {
		argument, text := literal(args[i])
		u.whole = u.whole && text
		u.args = append(u.args, argument)
	}
	return u, true
}

func TestEveryKeyInTheSourceHasAText(t *testing.T) {
	known := map[string]map[string]string{}
	for _, area := range areas(t, Default) {
		maps.Copy(known, forms(t, Default, area))
	}
	root, total := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git" || entry.Name() == "demo"):
			return filepath.SkipDir // the demo's strangers have texts of their own
		case filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		for _, u := range uses(t, name) {
			total++
			texts, there := known[u.key]
			if !there {
				t.Errorf("%s: no text for %q", u.where, u.key)
				continue
			}
			for argument := range arguments(texts) {
				if u.whole && !(u.plural && argument == "Count") && !slices.Contains(u.args, argument) {
					t.Errorf("%s: %q wants the argument %s", u.where, u.key, argument)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total < 50 {
		t.Errorf("only %d keys were found in the source: does the test still read it?", total)
	}
}

// The Go files are made of the templ files, so a stale one would hide a key.
func TestPagesAreGenerated(t *testing.T) {
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".templ" {
			return err
		}
		page, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		made, err := os.ReadFile(strings.TrimSuffix(name, ".templ") + "_templ.go")
		if err != nil {
			t.Errorf("%s is not generated", name)
			return nil
		}
		for _, key := range regexp.MustCompile(`"[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+"`).FindAll(page, -1) {
			if !strings.Contains(string(made), string(key)) {
				t.Errorf("%s names %s, and the file generated of it does not", name, key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
