package configuration

import (
	"strings"
	"testing"
)

// FuzzDocument: whatever comes in is a document or is told what is wrong, with a
// place in the text; and a document that is right is written as one that reads
// the same.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{many, "", "version: 1\n", "version: &a 1\n*a : *a\n", condition("{not: {attribute: a, exists: true}}"),
		condition("{all: []}"), condition("{}"), condition("{is: a}"), condition("{attribute: \"\\u0000\", is: \" x\\t\\n\"}"), "version: 1\ncompanies: [{name: |\n  a\n  b\n }]",
		"version: 1\ncompanies:\n- name: a\n  connections:\n  - {name: b, metadata: \"<a>\\n</a>\", delimiters: {\"a\": \"\\n\", \"\": \"\"}}\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		d := Read("f", []byte(text))
		if err := d.Wrong(); err != nil {
			for _, p := range d.problems.List {
				if p.Line < 1 || p.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+strings.Count(text, "\u0085")+strings.Count(text, "\u2028")+strings.Count(text, "\u2029")+2 || p.Column < 1 || p.Text == "" {
					t.Errorf("%+v", p)
				}
			}
			return
		}
		once, err := d.Write("A comment.")
		if err != nil {
			t.Fatal(err)
		}
		again := Read("f", once)
		if err := again.Wrong(); err != nil {
			t.Fatalf("%v\n%q\n%s", err, text, once)
		}
		twice, err := again.Write("A comment.")
		if err != nil || string(twice) != string(once) {
			t.Errorf("%v\n%s\n%s", err, once, twice)
		}
	})
}
