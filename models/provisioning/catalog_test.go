package provisioning

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every catalog key that the engine can hand to a screen is in the catalogs.
func TestEveryKeyIsInTheCatalogs(t *testing.T) {
	var keys []string
	sources, err := filepath.Glob("*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	literal := regexp.MustCompile(`"(provisioning\.[a-z_.]*[a-z_])"`)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range literal.FindAllSubmatch(text, -1) {
			keys = append(keys, string(found[1]))
		}
	}
	for _, o := range Operators {
		keys = append(keys, o.Key(), o.DeniedKey())
	}
	for _, attribute := range KnownAttributes {
		keys = append(keys, "provisioning.attribute."+fold(attribute))
	}
	for _, language := range []string{"en", "nl"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "views", "i18n", "locales", language, "provisioning.json"))
		if err != nil {
			t.Fatal(err)
		}
		var catalog map[string]string
		if err := json.Unmarshal(text, &catalog); err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if catalog[key] == "" {
				t.Errorf("%s: no text for %s", language, key)
			}
		}
	}
}
