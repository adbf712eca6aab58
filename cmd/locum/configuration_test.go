package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"locum/models/configuration"
	"locum/models/modelstest"
)

// installation is a demo's database and keys after the demo ended.
type installation struct {
	t        *testing.T
	folder   string
	address  string // of a database that is not in the folder
	metadata string // of its identity provider
}

func install(t *testing.T, database string) *installation {
	t.Helper()
	i := &installation{t: t, folder: t.TempDir()}
	if database == "postgres" {
		i.address = modelstest.URL(t, database)
	}
	r := serveDemoIn(t, i.folder, i.address)
	answer, err := http.Get(r.IdentityProvider["metadata"])
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	i.metadata = string(text)
	r.stop()
	return i
}

func (i *installation) database() database { return database{DatabaseURL: i.address, Data: i.folder} }

// write puts a document beside the others of the test.
func (i *installation) write(text string) string {
	i.t.Helper()
	file := filepath.Join(i.folder, "company.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		i.t.Fatal(err)
	}
	return file
}

func (i *installation) export(e export) string {
	i.t.Helper()
	var out bytes.Buffer
	e.database, e.out = i.database(), &out
	if err := e.Run(i.t.Context()); err != nil {
		i.t.Fatal(err)
	}
	return out.String()
}

func (i *installation) plan(text string, prune bool) (string, error) {
	i.t.Helper()
	var out bytes.Buffer
	p := plan{database: i.database(), File: i.write(text), Prune: prune, out: &out}
	err := p.Run(i.t.Context())
	return out.String(), err
}

func (i *installation) apply(text string, a apply) (string, error) {
	i.t.Helper()
	var out bytes.Buffer
	a.database, a.File, a.out = i.database(), i.write(text), &out
	err := a.Run(i.t.Context())
	return out.String(), err
}

// The demo's companies, exported, differ in nothing from what stands; the
// metadata passes the real reader of metadata.
func TestConfigurationOfTheDemo(t *testing.T) {
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			i := install(t, database)
			for _, company := range []string{"De Vries Logistiek", "Zonneveld Bakkerijen", "Kade Consultants"} {
				for _, e := range []export{{}, {IDs: true, Platform: true}} {
					e.Company = company
					text := i.export(e)
					if told, err := i.plan(text, true); err != nil || !strings.Contains(told, "Nothing to change.") {
						t.Errorf("%s: %v\n%s\n%s", company, err, told, text)
					}
				}
			}
			changesOfTheDemo(t, i)
		})
	}
}

// changesOfTheDemo walks the way of an operator: export, change, plan, apply.
func changesOfTheDemo(t *testing.T, i *installation) {
	text := i.export(export{Company: "De Vries Logistiek"})
	for _, secret := range []string{"locum-verification", "PRIVATE", "sealed"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the export", secret)
		}
	}
	if err := os.WriteFile(filepath.Join(i.folder, "idp.xml"), []byte(strings.ReplaceAll(i.metadata, "entityID=\"", "entityID=\"urn:second:")), 0o600); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(text, "is: Production-Staff", "starts_with: Nobody", 1)
	changed = strings.Replace(changed, "    connections:\n", "    connections:\n      - {name: Second provider, metadata: idp.xml, enabled: false}\n", 1)
	if strings.Count(changed, "\n") != strings.Count(text, "\n")+1 || !strings.Contains(changed, "Nobody") {
		t.Fatalf("the document is not what this test changes:\n%s", text)
	}
	told, err := i.plan(changed, false)
	if code := exit(0); !errors.As(err, &code) || code != differs {
		t.Errorf("a plan with changes ends with %v", err)
	}
	for _, part := range []string{`~ connector "Staff of Production"`, `{attribute: group, is: "Production-Staff"}`, "lose roles, of", "Member of De Vries Production",
		`+ connection "Second provider"`, "provider: urn:second:"} {
		if !strings.Contains(told, part) {
			t.Errorf("the plan does not say %q:\n%s", part, told)
		}
	}

	// Nobody is there to ask; then somebody who says no, and who says yes.
	if _, err := i.apply(changed, apply{terminal: func() bool { return false }}); !errors.Is(err, errNotAsked) {
		t.Errorf("without a terminal: %v", err)
	}
	if _, err := i.apply(changed, apply{terminal: func() bool { return true }, in: strings.NewReader("y\n")}); !errors.Is(err, errDeclined) {
		t.Errorf("declined: %v", err)
	}
	if again, _ := i.plan(changed, false); again != told {
		t.Errorf("something was applied:\n%s", again)
	}
	// Two of eighteen people lose a role, which is more than a tenth: a yes is not
	// enough, the number of people is asked for.
	if _, err := i.apply(changed, apply{terminal: func() bool { return true }, in: strings.NewReader("yes\n")}); !errors.Is(err, errDeclined) {
		t.Errorf("a yes to what brakes stop: %v", err)
	}
	if _, err := i.apply(changed, apply{Yes: true}); !errors.Is(err, errBraked) {
		t.Errorf("unasked: %v", err)
	}
	did, err := i.apply(changed, apply{terminal: func() bool { return true }, in: strings.NewReader("2\n")})
	if err != nil || !strings.Contains(did, "Apply this?") || !strings.HasSuffix(did, "Applied.\n") {
		t.Errorf("%v\n%s", err, did)
	}
	if did, err := i.apply(changed, apply{Yes: true}); err != nil || did != "Nothing to change.\n" {
		t.Errorf("%v\n%s", err, did)
	}
}

// A connection needs the installation's keys, and without them nothing of its
// company is applied.
func TestApplyWithoutKeys(t *testing.T) {
	i := install(t, "sqlite")
	if err := os.WriteFile(filepath.Join(i.folder, "idp.xml"), []byte(i.metadata), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := i.apply("version: 1\ncompanies: [{name: Kade Consultants, settings: {no_match: keep}, connections: [{name: C, metadata: idp.xml}]}]\n",
		apply{Yes: true, KeyFile: filepath.Join(i.folder, "none.json")})
	if err == nil || !strings.Contains(err.Error(), "needs the installation's keys: the key file") {
		t.Errorf("%v", err)
	}
	if text := i.export(export{Company: "Kade Consultants"}); strings.Contains(text, "no_match: keep") {
		t.Errorf("half of it was applied:\n%s", text)
	}
}

// The exit codes and what goes to standard error, as a script sees them.
func TestExitCodesOfPlan(t *testing.T) {
	i := install(t, "sqlite")
	where := "--data=" + i.folder
	good, same, bad := filepath.Join(i.folder, "good.yaml"), filepath.Join(i.folder, "same.yaml"), filepath.Join(i.folder, "bad.yaml")
	for file, text := range map[string]string{
		good: "version: 1\ncompanies: [{name: Kade Consultants, settings: {no_match: keep}}]\n",
		same: "version: 1\ncompanies: [{name: Kade Consultants}]\n",
		bad:  "version: 1\ncompanies: [{name: Kade Consultants, setings: {}}]\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		args  []string
		code  int
		tells string
	}{
		"nothing to change":        {[]string{"plan", where, same}, 0, ""},
		"something to change":      {[]string{"plan", where, good}, differs, ""},
		"the schema":               {[]string{"plan", "--schema"}, 0, ""},
		"a wrong document":         {[]string{"plan", where, bad}, 1, bad + `:2:38: the key "setings" is not known here`},
		"no such file":             {[]string{"plan", where, good + "x"}, 1, "locum: the document cannot be read"},
		"no document":              {[]string{"plan", where}, 1, "locum: the document is missing"},
		"a misunderstood flag":     {[]string{"plan", where, "--purge", good}, 1, "unknown flag"},
		"no database":              {[]string{"plan", "--data=" + filepath.Join(i.folder, "none"), good}, 1, "locum: there is no database"},
		"apply, a wrong document":  {[]string{"apply", where, "--yes", bad}, 1, bad + `:2:38: the key "setings" is not known here`},
		"apply, no document":       {[]string{"apply", where}, 2, "expected"},
		"export, an unknown one":   {[]string{"export", where, "Nobody"}, 1, `"Nobody": no company has this id or name`},
		"apply, nobody to ask":     {[]string{"apply", where, good}, 1, "locum: nothing was applied: standard input is no terminal"},
		"plan, after all of these": {[]string{"plan", where, good}, differs, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var complaints bytes.Buffer
			if code := run(t.Context(), c.args, &complaints); code != c.code || !strings.Contains(complaints.String(), c.tells) || c.tells == "" && complaints.Len() > 0 {
				t.Errorf("exit code %d, and %q", code, complaints.String())
			}
		})
	}
	if _, err := os.Stat(filepath.Join(i.folder, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a plan made a database")
	}
}

// A command that was interrupted does not end as one that did its work.
func TestAnInterruptedPlanIsNoGoodEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := unfinished(ctx, context.Canceled); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	var out bytes.Buffer
	a := apply{terminal: func() bool { return true }, in: blocked{}}
	if err := a.ask(ctx, &out, 0); !errors.Is(err, errDeclined) {
		t.Errorf("%v", err)
	}
}

// blocked is a terminal at which nobody types.
type blocked struct{}

func (blocked) Read([]byte) (int, error) { select {} }

// The README's document is one that can be read, and its keys are those of the
// schema.
func TestTheReadmesDocumentIsRight(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(readme), "## Configuration as code")
	_, after, opened := strings.Cut(after, "```yaml\n")
	text, _, closed := strings.Cut(after, "```")
	if !found || !opened || !closed {
		t.Fatal("README.md has no document")
	}
	if err := configuration.Read("README.md", []byte(text)).Wrong(); err != nil {
		t.Error(err)
	}
}
