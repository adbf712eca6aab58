package ui

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"locum/models"
	"locum/static"
	"locum/views/i18n"
	"locum/views/ui/uitest"
)

var now = time.Date(2026, 11, 24, 9, 42, 0, 0, time.UTC)

func render(t *testing.T, c templ.Component) uitest.Page {
	t.Helper()
	return uitest.Render(WithEpoch(i18n.With(context.Background(), i18n.For("en", "Europe/Amsterdam")), 7), t, c)
}

func TestFieldTiesItsControlToLabelErrorAndHint(t *testing.T) {
	c := Control{Name: "email", Label: "E-mail", Hint: "We write there.", Error: "No address.", Optional: true, Required: true}
	for name, component := range map[string]templ.Component{
		"input":    TextField(c, In{Type: "email", Value: `a"b`, Max: 9}),
		"textarea": TextareaField(c, `a"b`),
		"select":   SelectField(c, []Option{{Value: "x", Label: "X"}, {Value: `a"b`, Label: "AB"}}, `a"b`),
	} {
		p := render(t, component)
		control := p.One(name)
		if uitest.Attr(control, "aria-describedby") != "email-error email-hint" || uitest.Attr(control, "aria-invalid") != "true" || !uitest.Has(control, "required") {
			t.Errorf("%s: %v", name, control.Attr)
		}
		if uitest.Attr(p.One("label"), "for") != uitest.Attr(control, "id") || uitest.Attr(control, "id") != "email" {
			t.Errorf("%s: the label is for %q", name, uitest.Attr(p.One("label"), "for"))
		}
		if uitest.Words(p.One("#email-error")) != "No address." || uitest.Words(p.One("#email-hint")) != "We write there." {
			t.Errorf("%s: error %q, hint %q", name, uitest.Words(p.One("#email-error")), uitest.Words(p.One("#email-hint")))
		}
		if strings.Index(p.Text, "email-error\">") > strings.Index(p.Text, "email-hint\">") {
			t.Errorf("%s: the hint stands above the error", name)
		}
	}
	if p := render(t, SelectField(c, []Option{{Value: "x"}, {Value: "y"}}, "y")); uitest.Attr(p.One("option[selected]"), "value") != "y" {
		t.Error("another option is selected")
	}
	plain := render(t, TextField(Control{ID: "a", Name: "b", Label: "L"}, In{})).One("input#a[name=b][type=text]")
	if uitest.Has(plain, "aria-describedby") || uitest.Has(plain, "aria-invalid") || uitest.Has(plain, "required") || uitest.Has(plain, "maxlength") {
		t.Errorf("a plain field says too much: %v", plain.Attr)
	}
}

func TestErrorSummaryFollowsTheOrderOfTheForm(t *testing.T) {
	wrong := models.FieldErrors{}
	for _, field := range []string{"zebra", "until", "email", "antelope"} {
		wrong.Add(field, "common.time.endless")
	}
	ctx := i18n.With(context.Background(), i18n.For("en", ""))
	p := render(t, ErrorSummary(Wrongs(ctx, wrong, "email", "until", "role")))
	var order []string
	for _, link := range p.All("a") {
		order = append(order, uitest.Attr(link, "href"))
	}
	if want := []string{"#email", "#until", "#antelope", "#zebra"}; !slices.Equal(order, want) {
		t.Errorf("the summary leads to %v, want %v", order, want)
	}
	p.One("#errors.errors[role=alert][tabindex=-1]")
	if got := uitest.Words(p.One("b")); got != "Not saved yet. 4 things need your attention." {
		t.Errorf("it says %q", got)
	}
	if render(t, ErrorSummary(nil)).Text != "" {
		t.Error("there is a summary of nothing")
	}
	if ErrorText(ctx, wrong, "email") != "No end date" || ErrorText(ctx, wrong, "role") != "" {
		t.Error("ErrorText reads the wrong field")
	}
}

func TestPostedFormsCarryTheEpoch(t *testing.T) {
	if got := uitest.Attr(render(t, HiddenEpoch()).One("input[type=hidden][name=epoch]"), "value"); got != "7" {
		t.Errorf("epoch %q", got)
	}
	p := render(t, Menu("row 1", "Actions", []Item{{Text: "Visits", Icon: "history", Href: "/v"}, {Divider: true}, {Text: "Revoke", Icon: "ban", Post: "/r", Name: "a", Data: "b", Danger: true}}))
	p.One("form[method=post][action=/r]")
	p.One("input[name=epoch]")
	p.One("button.danger[name=a][value=b]")
	p.One("a.mi[href=/v]")
	if p.One("button[popovertarget]"); uitest.Attr(p.One("[popovertarget]"), "popovertarget") != uitest.Attr(p.One("[popover]"), "id") {
		t.Error("the button opens another menu")
	}
}

func TestPartiesShowBothOnlyWhenTheyDiffer(t *testing.T) {
	kade := models.Party{Company: "c1", Organization: "o1", Name: "Kade Consultants", Hue: 1}
	zonneveld := models.Party{Company: "c2", Organization: "o2", Name: "Zonneveld Bakkerijen", Hue: 7}
	p := render(t, Parties(kade, zonneveld))
	if len(p.All(".party")) != 2 || uitest.Attr(p.One(".via"), "data-hue") != "7" || uitest.Attr(p.One("svg[role=img]"), "aria-label") != "acting in" {
		t.Error(p.Text)
	}
	for _, effective := range []models.Party{kade, {}} {
		p = render(t, Parties(kade, effective))
		p.None(".via")
		p.One(".party")
	}
	if uitest.Attr(render(t, Org(0, false, "")).One(".org"), "data-tone") != Off {
		t.Error("a tile without a colour has no tone")
	}
}

func TestProvenanceIsSaidInWords(t *testing.T) {
	p := render(t, ProvenanceTag(Provenance{Role: "Editor", Source: "rule", Why: "group is Planning-Editors", Href: "/why"}))
	if title := uitest.Attr(p.One("a.tag[href=/why]"), "title"); title != "Connector: group is Planning-Editors" {
		t.Errorf("title %q", title)
	}
	for source, want := range map[string]string{"rule": "Connector:", "directory": "Directory:", "manual": "Manual:", "default": "Default:", "delegation": "Delegation:", "": "Manual:"} {
		if got := uitest.Attr(render(t, ProvenanceTag(Provenance{Role: "Editor", Source: source})).One("span.tag").FirstChild, "aria-label"); got != want {
			t.Errorf("%q is read as %q, want %q", source, got, want)
		}
	}
}

func TestTableStaysATableWhenItStacks(t *testing.T) {
	window := Weeks(now, i18n.For("en", "Europe/Amsterdam"))
	p := render(t, Table(TableProps{Caption: "People", Head: []Column{{Title: "Name"}, {Title: "Actions", Hidden: true}, {Title: "Timeline", Lane: &window}}}))
	p.One("table.table-stack[role=table]")
	p.One("div[role=region][tabindex=0][aria-label=People]")
	if len(p.All("th[role=columnheader][scope=col]")) != 3 || len(p.All("tr[role=row]")) != 1 {
		t.Error(p.Text)
	}
	if uitest.Words(p.One("caption")) != "People" {
		t.Error("no caption")
	}
	render(t, Table(TableProps{Wide: true})).None(".table-stack")
}

func TestDisabledEndsOfAPagerLeadNowhere(t *testing.T) {
	p := render(t, Pager("9 delegations", "", "?page=2"))
	disabled := p.One("a[aria-disabled=true]")
	if uitest.Has(disabled, "href") || uitest.Words(disabled) != "Previous" || uitest.Attr(p.One("a[href]"), "href") != "?page=2" {
		t.Error(p.Text)
	}
}

func TestDialogWorksAsALinkWithoutScript(t *testing.T) {
	link := render(t, LinkButton(Btn{Label: "Revoke", Href: "/delegations/1/revoke", Dialog: "revoke"})).One("a.btn")
	if uitest.Attr(link, "href") != "/delegations/1/revoke" || uitest.Attr(link, "data-dialog") != "revoke" {
		t.Error(link.Attr)
	}
	p := render(t, Dialog("revoke", "Revoke?"))
	if uitest.Attr(p.One("dialog#revoke"), "aria-labelledby") != uitest.Attr(p.One("h2"), "id") {
		t.Error("the dialog has no name")
	}
}

func TestLaneDrawsWhatHolds(t *testing.T) {
	w := Weeks(now, i18n.For("en", "Europe/Amsterdam"))
	if got := w.From.Format("Mon 2 Jan 15:04"); got != "Mon 2 Nov 00:00" || len(w.Ticks) != 7 {
		t.Fatalf("the window begins %s with %d ticks", got, len(w.Ticks))
	}
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		lane                    Lane
		bars, ghosts, cuts, due int
	}{
		"running":           {Lane{From: now.Add(-3 * day), To: now.Add(4 * day)}, 1, 0, 0, 0},
		"without an end":    {Lane{From: now.Add(-90 * day)}, 1, 1, 0, 0},
		"open, not begun":   {Lane{From: now.Add(3 * day)}, 0, 1, 0, 0},
		"revoked":           {Lane{From: now.Add(-9 * day), To: now.Add(4 * day), Cut: now.Add(-2 * day)}, 1, 1, 1, 0},
		"revoked, no end":   {Lane{From: now.Add(-9 * day), Cut: now.Add(-2 * day)}, 1, 1, 1, 0},
		"review due":        {Lane{From: now.Add(-90 * day), Due: now.Add(-9 * day)}, 1, 1, 0, 1},
		"outside, before":   {Lane{From: now.Add(-90 * day), To: now.Add(-80 * day)}, 0, 0, 0, 0},
		"revoked long ago":  {Lane{From: now.Add(-90 * day), To: now.Add(-60 * day), Cut: now.Add(-80 * day)}, 0, 0, 0, 0},
		"visits in and out": {Lane{From: now.Add(-3 * day), To: now.Add(4 * day), Visits: []time.Time{now.Add(-90 * day), now}}, 1, 0, 0, 0},
	} {
		c.lane.Window, c.lane.Tone = w, OK
		p := render(t, LaneChart(c.lane))
		for selector, want := range map[string]int{"rect.bar": c.bars, "rect.ghost": c.ghosts, "line.cut": c.cuts, "circle.due": c.due, "line.now": 1, "circle.visit": min(1, len(c.lane.Visits))} {
			if got := len(p.All(selector)); got != want {
				t.Errorf("%s: %d of %s, want %d", name, got, selector, want)
			}
		}
	}
	bar := render(t, LaneChart(Lane{Window: w, From: w.From, To: w.From.Add(w.To.Sub(w.From) / 4)})).One("rect.bar")
	if uitest.Attr(bar, "x") != "0.00%" || uitest.Attr(bar, "width") != "25.00%" {
		t.Errorf("a quarter is drawn at %s, %s wide", uitest.Attr(bar, "x"), uitest.Attr(bar, "width"))
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Sanne Kuipers": "SK", "Jan-Willem Hoekstra": "JH", "Noor": "N", "émile van zwart": "ÉZ", "": "?", " - ": "?"} {
		if got := Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// Every icon a page names must be in the sprite: an unknown one is just empty.
func TestIconsInTheSourceAreInTheSprite(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "static", "icons.svg"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"live": true}
	for _, match := range regexp.MustCompile(`<symbol id="([^"]+)"`).FindAllStringSubmatch(string(content), -1) {
		known[match[1]] = true
	}
	named := regexp.MustCompile(`(?:Icon(?:Class|Label)?\(|Icon:\s*|CompanyTile\()"([a-z0-9-]+)"`)
	total := 0
	err = filepath.WalkDir("..", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, "_templ.go") || filepath.Ext(name) != ".templ" && filepath.Ext(name) != ".go" {
			return err
		}
		source, err := os.ReadFile(name)
		for _, match := range named.FindAllStringSubmatch(string(source), -1) {
			if total++; !known[match[1]] {
				t.Errorf("%s: no icon %q: add it to static/scripts/icons.txt and run npm run vendor", name, match[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total < 10 {
		t.Errorf("only %d icons were found", total)
	}
	if use := uitest.Attr(render(t, Icon("x")).One("use"), "href"); use != static.Path("icons.svg")+"#x" {
		t.Errorf("an icon leads to %q", use)
	}
}

// The content security policy forbids inline style, script and data: addresses,
// in every page of the tree.
func TestNoPageHasInlineStyleOrHandler(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\s(style|on[a-z]+|hx-on[:a-z-]*)\s*=|<style|javascript:|["'(]data:[a-z]+/`)
	total := 0
	err := filepath.WalkDir("..", func(name string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "mail" { // mails know no stylesheet
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".templ" {
			return nil
		}
		total++
		source, err := os.ReadFile(name)
		if found := forbidden.Find(source); found != nil {
			t.Errorf("%s has %q", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total == 0 {
		t.Error("no pages were read")
	}
}

// TestLinesThatReadTheSameNameTheirField in the summary of what is wrong.
func TestLinesThatReadTheSameNameTheirField(t *testing.T) {
	wrong := models.FieldErrors{}
	for _, field := range []string{"condition.0.value", "condition.1.0.value", "name"} {
		wrong.Add(field, "provisioning.error.value_missing")
	}
	wrong.Add("role", "provisioning.error.role_missing")
	var got []string
	for _, w := range Wrongs(i18n.With(context.Background(), i18n.For("en", "Europe/Amsterdam")), wrong, "name", "role") {
		got = append(got, w.Message)
	}
	want := []string{"Name: Enter the value to compare with.", "Choose the role to give.", "Condition 1: Enter the value to compare with.", "Condition 2.1: Enter the value to compare with."}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
