package mail

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every key of the catalog stands in both languages, with the same names to
// fill in, and is used: by its whole name or by the beginning to which a kind
// or a reason is added.
func TestCatalog(t *testing.T) {
	en, nl := catalog(t, "en"), catalog(t, "nl")
	var source strings.Builder
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_templ.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(content)
	}
	for key, text := range en {
		if strings.Join(fields(text), " ") != strings.Join(fields(nl[key]), " ") {
			t.Errorf("%s: %q and %q do not hold the same", key, text, nl[key])
		}
		if !used(source.String(), key) {
			t.Errorf("%s is used nowhere", key)
		}
	}
	for key := range nl {
		if en[key] == "" {
			t.Errorf("%s is Dutch only", key)
		}
	}
}

func used(source, key string) bool {
	parts := strings.Split(key, ".")
	last := "." + parts[len(parts)-1]
	for _, way := range []string{
		`"` + key + `"`, // as it is
		`"` + strings.TrimSuffix(key, last) + `."`, // prefix + last
	} {
		if strings.Contains(source, way) {
			return true
		}
	}
	switch {
	case strings.HasPrefix(key, "mail.done."):
		return true // a type of event is added
	case last == ".subject", last == ".preview", last == ".title", last == ".lead":
		kind := strings.TrimSuffix(strings.TrimPrefix(key, "mail."), last)
		return strings.Contains(source, `"`+strings.TrimSuffix(kind, ".consultant")+`"`)
	}
	return false
}

func catalog(t *testing.T, language string) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../i18n/locales/" + language + "/mail.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(content, &raw); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for key, text := range raw {
		texts[key] = string(text)
	}
	return texts
}

// fields are the names that a text has filled in, in one order for all
// languages.
func fields(text string) []string {
	var found []string
	for _, part := range strings.Split(text, "{{.")[1:] {
		name, _, _ := strings.Cut(part, "}}")
		found = append(found, name)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
