package layout

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"locum/models"
	"locum/static"
	"locum/views/i18n"
	"locum/views/ui"
	"locum/views/ui/uitest"
)

var now = time.Date(2026, 11, 24, 9, 42, 0, 0, time.UTC)

var (
	kade      = models.Party{Company: "c1", CompanyName: "Kade Consultants", Organization: "o1", Name: "Kade Consultants", Hue: 1}
	zonneveld = models.Party{Company: "c2", CompanyName: "Zonneveld", Organization: "o2", Name: "Zonneveld Bakkerijen", Hue: 7}
)

// atHome is Sanne in her own organization, with all there is to hold.
func atHome() Frame {
	all := slices.Concat(models.OrganizationPermissions, models.CompanyPermissions)
	return Frame{
		Area: OrganizationArea, Path: "/members?q=a", Now: now,
		Actor: models.Actor{Account: "a1", Name: "Sanne Kuipers", Email: "sanne@kade.example", Epoch: 3, Real: kade, Effective: kade, Permissions: all},
		Places: []Place{
			{Organization: "o1", Name: "Kade Consultants", Hue: 1, Own: true, Current: true, Sub: "Superuser"},
			{Organization: "o2", Name: "Zonneveld Bakkerijen", Hue: 7, Via: true, Ends: now.Add(78 * time.Hour)},
			{Organization: "o3", Name: "De Vries Production", Hue: 3, Via: true},
			{Organization: "o4", Name: "De Vries Belgium", Hue: 6, Via: true, Starts: now.Add(48 * time.Hour)},
		},
	}
}

// visiting is Sanne in Zonneveld, through a delegation.
func visiting() Frame {
	f := atHome()
	f.Actor.Effective, f.Actor.Visit, f.Actor.Delegation, f.Actor.Ends = zonneveld, "v1", "d1", now.Add(78*time.Hour)
	f.Actor.Permissions = models.Permissions{models.ViewOrganization, models.ViewMembers, models.ViewApplications, models.ViewActivity}
	f.Places[0].Current, f.Places[1].Current = false, true
	return f
}

func render(t *testing.T, f Frame, lang string, c templ.Component) uitest.Page {
	t.Helper()
	return uitest.Render(With(i18n.With(context.Background(), i18n.For(lang, "Europe/Amsterdam")), f), t, c)
}

func links(n *html.Node) []string {
	var to []string
	for _, a := range uitest.Inside(n, "a") {
		to = append(to, uitest.Attr(a, "href"))
	}
	return to
}

func shell(t *testing.T, f Frame, lang string) uitest.Page {
	return render(t, f, lang, Shell(Page{Title: "Members", Width: Mid}))
}

func TestAVisitCanNotBeOverlooked(t *testing.T) {
	d := shell(t, visiting(), "en")
	root := d.One("html[data-acting][data-hue=7][data-epoch=3][data-live=/live][lang=en]")
	if uitest.Attr(root, "data-area") != "organization" {
		t.Errorf("area %q", uitest.Attr(root, "data-area"))
	}
	banner := uitest.Words(d.One("section.acting"))
	for _, part := range []string{"You are working in Zonneveld Bakkerijen", "Delegation", "3 days 6 hours left", "until Fri 27 Nov 2026, 16:42", "Back to Kade Consultants"} {
		if !strings.Contains(banner, part) {
			t.Errorf("the banner %q lacks %q", banner, part)
		}
	}
	d.One("form[action=/leave][method=post]")
	if title := uitest.Words(d.One("title")); title != "Zonneveld Bakkerijen · Members · Locum" {
		t.Errorf("title %q", title)
	}
	endless := visiting()
	endless.Actor.Ends = time.Time{}
	if d := shell(t, endless, "nl"); !strings.Contains(uitest.Words(d.One("section.acting")), "Geen einddatum") {
		t.Error("a delegation without an end does not say so")
	}
	own := shell(t, atHome(), "en")
	own.None(".acting")
	own.None("[data-acting]")
}

func TestEdge23NamesThatLookAlikeAreToldApartInTheSwitcher(t *testing.T) {
	f := atHome()
	f.Places = append(f.Places[:1], Place{Organization: "o2", Name: "Zonneveld", Hue: 7, Domain: "zonneveld.example", Via: true},
		Place{Organization: "o3", Name: "Zonneveld", Hue: 3, Domain: "zonneve1d.example", Via: true})
	for value, want := range map[string][2]string{"o2": {"7", "Zonneveld zonneveld.example · No end date"}, "o3": {"3", "Zonneveld zonneve1d.example · No end date"}} {
		place := shell(t, f, "en").One("button.mi[value=" + value + "]")
		text := strings.Join(strings.Fields(uitest.Words(place)), " ")
		if sign := uitest.Attr(uitest.Inside(place, ".org")[0], "data-hue"); sign != want[0] || text != want[1] {
			t.Errorf("%s has the colour %s and reads %q", value, sign, text)
		}
	}
}

func TestTheSwitcherIsAFormOfAllPlaces(t *testing.T) {
	d := shell(t, visiting(), "en")
	form := d.One("form#switcher-list[method=post][action=/switch]")
	var offered []string
	for _, button := range uitest.Inside(form, "button.mi") {
		offered = append(offered, uitest.Attr(button, "value"))
		if uitest.Attr(button, "name") != "organization" || uitest.Attr(button, "type") != "submit" {
			t.Errorf("button %v", button.Attr)
		}
	}
	if want := []string{"o1", "o2", "o3", "o4"}; !slices.Equal(offered, want) {
		t.Errorf("it offers %v, want %v", offered, want)
	}
	if current := d.One("button.mi[aria-current=true][name=organization]"); uitest.Attr(current, "value") != "o2" {
		t.Errorf("the current place is %s", uitest.Attr(current, "value"))
	}
	if upcoming := d.One("button[name=organization][disabled]"); uitest.Attr(upcoming, "value") != "o4" || !strings.Contains(uitest.Words(upcoming), "Starts Thu 26 Nov, 10:42") {
		t.Errorf("not yet: %s", uitest.Words(upcoming))
	}
	text := uitest.Words(form)
	for _, part := range []string{"Your own organization", "Superuser", "Through a delegation", "3 days 6 hours left", "No end date"} {
		if !strings.Contains(text, part) {
			t.Errorf("the switcher %q lacks %q", text, part)
		}
	}
	if uitest.Attr(d.One("button.switcher"), "popovertarget") != uitest.Attr(d.One("#switcher[popover]"), "id") {
		t.Error("the button opens something else")
	}
	if via := d.All(".via[data-hue=3]"); len(via) != 1 {
		t.Errorf("%d solid tiles of De Vries Production", len(via))
	}
	alone := atHome()
	alone.Places = nil
	shell(t, alone, "en").None("#switcher")
}

func TestTheNavigationLeavesOutWhatMayNotBeOpened(t *testing.T) {
	for name, c := range map[string]struct {
		frame func() Frame
		want  []string
	}{
		"superuser": {atHome, []string{"/home", "/", "/members", "/delegations", "/visitors", "/applications", "/secrets", "/webhooks", "/organization/api-tokens", "/activity", "/usage", "/company"}},
		"visitor":   {visiting, []string{"/home", "/", "/members", "/applications", "/activity"}},
		"visitor who operates the platform": {func() Frame {
			f := visiting()
			f.Actor.Permissions = f.Actor.Permissions.With(models.OperatePlatform, models.ViewCompany)
			return f
		}, []string{"/home", "/", "/members", "/applications", "/activity"}},
		"nothing at all": {func() Frame {
			f := atHome()
			f.Actor.Permissions = nil
			return f
		}, []string{"/home"}},
		"company": {func() Frame {
			f := atHome()
			f.Area, f.Path = CompanyArea, "/company"
			return f
		}, []string{"/home", "/company", "/company/organizations", "/company/people", "/company/roles", "/company/consultants", "/company/single-sign-on", "/company/directory", "/company/connectors", "/company/domains", "/company/webhooks", "/company/api-tokens", "/company/activity", "/company/usage", "/company/meters", "/"}},
		"a manager without an organization": {func() Frame {
			f := atHome()
			f.Actor.Effective = models.Party{Company: "c1", CompanyName: "Kade Consultants"}
			f.Actor.Permissions, f.Area = models.Permissions{models.ManageConnectors}, CompanyArea
			return f
		}, []string{"/home", "/company/connectors"}},
		"an operator": {func() Frame {
			f := atHome()
			f.Area, f.Actor.Permissions = PlatformArea, models.Permissions{models.OperatePlatform}
			return f
		}, []string{"/home", "/platform", "/platform/roles", "/platform/applications", "/platform/webhooks", "/platform/usage", "/platform/meters", "/"}},
	} {
		if got := links(shell(t, c.frame(), "en").One("nav#nav")); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTheNavigationMarksThePage(t *testing.T) {
	for path, want := range map[string]string{"/": "/", "/members?q=a": "/members", "/delegations/dlg_1": "/delegations", "/account": "", "/membership": ""} {
		f := atHome()
		f.Path = path
		var marked []string
		for _, a := range shell(t, f, "en").All("a[aria-current=page]") {
			marked = append(marked, uitest.Attr(a, "href"))
		}
		if strings.Join(marked, " ") != want {
			t.Errorf("%s marks %v, want %q", path, marked, want)
		}
	}
}

func TestTheNavigationMarksConnectorsForRolesByGroup(t *testing.T) {
	for path, want := range map[string]bool{
		"/company/directory": false, "/company/directory/dir_1/groups": false, "/company/connectors": true,
		"/company/directory/mapping?only=roleless": true, "/company/directory/mapping/preview": true, "/company/directory/migrate": true,
	} {
		f := atHome()
		f.Path = path
		directory, connectors := f.current(link{href: "/company/directory"}), f.current(link{href: "/company/connectors"})
		if connectors != want || directory == want {
			t.Errorf("%s: directory %v, connectors %v", path, directory, connectors)
		}
	}
}

func TestAManagerWithoutAnOrganizationSeesTheCompany(t *testing.T) {
	f := atHome()
	f.Actor.Effective = models.Party{Company: "c1", CompanyName: "De Vries Logistiek"}
	f.Area = CompanyArea
	d := shell(t, f, "en")
	if got := uitest.Words(d.One("button.switcher")); got != "De Vries Logistiek" {
		t.Errorf("the switcher says %q", got)
	}
	d.None("span.area")
}

func TestLanguageThemeAndSignOutAreForms(t *testing.T) {
	f := visiting()
	f.Theme = "dark"
	d := shell(t, f, "nl")
	d.One("html[lang=nl][data-theme=dark]")
	d.One("form[action=/sign-out][method=post]")
	theme := d.One("form[action=/account/theme][method=post]")
	for _, button := range uitest.Inside(theme, "button") {
		if got, want := uitest.Attr(button, "aria-pressed"), uitest.Attr(button, "value") == "dark"; (got == "true") != want {
			t.Errorf("%s is pressed: %s", uitest.Attr(button, "value"), got)
		}
	}
	language := d.One("form#language[action=/language][method=post]")
	if current := d.One("button.mi[name=language][aria-current=true]"); uitest.Attr(current, "value") != "nl" || len(uitest.Inside(language, "button")) != len(i18n.Languages()) {
		t.Error("the languages are not offered")
	}
	for _, to := range d.All("input[name=to]") {
		if uitest.Attr(to, "value") != "/members?q=a" {
			t.Errorf("a form returns to %q", uitest.Attr(to, "value"))
		}
	}
	f.Theme = "<nonsense>"
	shell(t, f, "nl").None("[data-theme]")
}

func TestNoticesAreSaidFirst(t *testing.T) {
	f := atHome()
	f.Notices = []ui.NoticeProps{{Tone: ui.OK, Title: "Saved."}}
	d := render(t, f, "en", Shell(Page{Title: "x"}))
	if notice := d.One(".notice[role=status]"); !strings.Contains(uitest.Words(notice), "Saved.") {
		t.Error(uitest.Words(notice))
	}
	if dismiss := d.One("a[data-dismiss]"); uitest.Attr(dismiss, "href") != "/members?q=a" {
		t.Errorf("dismissing leads to %q", uitest.Attr(dismiss, "href"))
	}
	d.One("#moved[hidden][role=alert]")
}

func TestPostedFormsSayWhatTheyWereRenderedFor(t *testing.T) {
	d := shell(t, visiting(), "en")
	exempt := map[string]bool{"/language": true, "/account/theme": true, "/sign-out": true}
	for _, form := range d.All("form[method=post]") {
		fields := map[string]string{}
		for _, input := range uitest.Inside(form, "input") {
			fields[uitest.Attr(input, "name")] = uitest.Attr(input, "value")
		}
		if action := uitest.Attr(form, "action"); !exempt[action] && (fields["epoch"] != "3" || fields["epoch_for"] != "o2") {
			t.Errorf("%s carries %v", action, fields)
		}
	}
}

func pages() map[string]templ.Component {
	return map[string]templ.Component{
		"shell": Shell(Page{Title: "x"}), "auth": Auth(Page{Title: "x", Refresh: "https://idp.example/?a=b"}), "plain": Plain(Page{Title: "x"}),
		"403": Forbidden(""), "404": NotFound(), "409": Stale(Elsewhere{There: kade, Here: zonneveld, HereVia: true, Kept: []Kept{{"Reason", "<b>"}}}),
		"413": TooLarge(), "429": TooMany(now.Add(time.Minute)), "500": Broken("req_1"), "503": Unavailable(""),
		"refused": Refused(409, models.Text("error.choice"), models.Text("error.required")), "no access": NoAccess("De Vries Logistiek"),
	}
}

func TestPagesHoldTheStrictPolicyAndStandOnTheirOwn(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<[^>]*\s(style|on[a-z]+)=|<style|javascript:|"data:`)
	for _, f := range []Frame{{Now: now}, atHome(), visiting()} {
		for name, component := range pages() {
			d := render(t, f, "nl", component)
			if found := inline.FindString(d.Text); found != "" {
				t.Errorf("%s has %q", name, found)
			}
			for _, script := range d.All("script") {
				if script.FirstChild != nil || !strings.HasPrefix(uitest.Attr(script, "src"), static.Prefix) {
					t.Errorf("%s has an inline or foreign script", name)
				}
			}
			d.One("main#main")
			d.One("a.skip[href=#main]")
			d.One("html[lang=nl]")
			if name != "shell" && name != "auth" && name != "plain" && len(d.All("h1")) != 1 {
				t.Errorf("%s has %d h1", name, len(d.All("h1")))
			}
			if raw := regexp.MustCompile(`(layout|common|error)\.[a-z_]+\.?[a-z_]*<|<no value>`).FindString(d.Text); raw != "" {
				t.Errorf("%s shows %q", name, raw)
			}
			ids := map[string]bool{}
			for _, element := range d.All("[id]") {
				if ids[uitest.Attr(element, "id")] {
					t.Errorf("%s has the id %s twice", name, uitest.Attr(element, "id"))
				}
				ids[uitest.Attr(element, "id")] = true
			}
		}
	}
}

func TestErrorsFitWhoeverSeesThem(t *testing.T) {
	if d := render(t, Frame{}, "en", NotFound()); uitest.Words(d.One("h1")) != "This page does not exist" || len(d.All("a[href=/sign-in]")) != 1 {
		t.Error("404 of nobody:", uitest.Words(d.Root))
	}
	if d := render(t, visiting(), "en", NotFound()); uitest.Words(d.One("h1")) != "This page does not exist in Zonneveld Bakkerijen" || len(d.All(".acting")) != 1 {
		t.Error("404 of a visitor:", uitest.Words(d.Root))
	}
	if d := render(t, visiting(), "en", Forbidden("")); !strings.Contains(uitest.Words(d.One(".center")), "Your delegation for Zonneveld Bakkerijen does not allow it.") {
		t.Error("403 of a visitor:", uitest.Words(d.One(".center")))
	}
	if d := render(t, atHome(), "en", Forbidden("Only Marieke may.")); !strings.Contains(uitest.Words(d.One(".center")), "Only Marieke may.") {
		t.Error("403 loses the domain's sentence")
	}
	if d := render(t, Frame{}, "en", Broken("req_1")); uitest.Attr(d.One("[data-copy]"), "data-copy") != "req_1" {
		t.Error("500 does not offer its reference")
	}
	if d := render(t, Frame{Now: now}, "en", TooMany(now.Add(10*time.Minute))); !strings.Contains(uitest.Words(d.One(".center")), "after 10:52") {
		t.Error("429:", uitest.Words(d.One(".center")))
	}
}

func TestAStaleFormKeepsItsInputAndOffersBothWays(t *testing.T) {
	d := render(t, visiting(), "en", Stale(Elsewhere{There: kade, Here: zonneveld, HereVia: true, Kept: []Kept{{"Reason", "<b>Help</b>"}}, Return: "/delegations/new"}))
	text := uitest.Words(d.One(".center"))
	for _, part := range []string{"This tab still showed Kade Consultants, but in another tab you went to Zonneveld Bakkerijen.", "Reason <b>Help</b>", "Switch to Kade Consultants and go on"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
	d.One("button.btn-primary[name=organization][value=o1]")
	d.One("input[name=to][value=/delegations/new]")
	if stay := uitest.Inside(d.One(".center"), "a"); len(stay) != 1 || uitest.Attr(stay[0], "href") != "/" || uitest.Words(stay[0]) != "Stay in Zonneveld Bakkerijen" {
		t.Errorf("staying: %v", stay)
	}
	unknown := render(t, visiting(), "en", Stale(Elsewhere{Here: zonneveld, HereVia: true}))
	unknown.None("button.btn-primary[name=organization]")
	unknown.None(".two-orgs")
}

func TestABareRefreshNamesItsTarget(t *testing.T) {
	d := render(t, Frame{}, "en", Bare(Page{Title: "x", Refresh: "https://idp.example/sso?a=b&c=d"}))
	if got := uitest.Attr(d.One("meta[http-equiv=refresh]"), "content"); got != "0; url=https://idp.example/sso?a=b&c=d" {
		t.Errorf("it goes on to %q", got)
	}
	render(t, Frame{}, "en", Bare(Page{Title: "x"})).None("[http-equiv]")
}

// Places are found by how one works: at hand first, then what was used last.
func TestTheSwitcherBeginsWithWhatIsAtHandAndWhatWasUsedLast(t *testing.T) {
	f := atHome()
	f.Places = nil
	for i := range manyPlaces + 1 {
		id := string(rune('a' + i))
		f.Places = append(f.Places, Place{Organization: id, Name: "Place " + id, Hue: 1, Via: i > 0, Own: i == 0, Current: i == 0})
	}
	f.Places[0].Used = f.Now
	f.Places[3].Pinned = true
	for i, n := range []int{5, 7, 2, 8} { // one more than stand apart
		f.Places[n].Used = f.Now.Add(-time.Duration(i+1) * time.Hour)
	}
	form := shell(t, f, "en").One("form#switcher-list")
	var offered []string
	for _, button := range uitest.Inside(form, "button.mi") {
		offered = append(offered, uitest.Attr(button, "value"))
	}
	if want := []string{"d", "f", "h", "c", "a", "i", "b", "e", "g"}; !slices.Equal(offered, want) {
		t.Errorf("it offers %v, want %v", offered, want)
	}
	if pins := uitest.Inside(form, "button.pin[aria-pressed=true]"); len(pins) != 1 || uitest.Attr(pins[0], "formaction") != "/places/d/unpin" {
		t.Errorf("%d pins", len(pins))
	}
}

// The tab shows where one is: its colour, and whether one is there through a
// delegation.
func TestTheTabWearsTheSignOfTheOrganization(t *testing.T) {
	address := func(f Frame) string { return uitest.Attr(shell(t, f, "en").One("link[rel=icon]"), "href") }
	f := visiting()
	f.Actor.Effective.Icon = "zap"
	if got := address(f); !strings.HasSuffix(got, "/favicon/7-via-zap.svg") {
		t.Errorf("a visit wears %s", got)
	}
	if got := address(visiting()); !strings.HasSuffix(got, "/favicon/7-via-org-via.svg") {
		t.Errorf("without a sign of its own it wears %s", got)
	}
	if got := address(atHome()); !strings.Contains(got, "-own-org-own.svg") {
		t.Errorf("home wears %s", got)
	}
	platform := atHome()
	platform.Area = PlatformArea
	if got := address(platform); !strings.HasSuffix(got, "/favicon.svg") {
		t.Errorf("the platform wears %s", got)
	}
}
