package directory_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	directorypages "locum/handlers/directory"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/directory"
	"locum/models/mandate"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/views/ui/uitest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// desk is the pages over a world.
type desk struct {
	*webtest.Hub
	t           *testing.T
	directories *directory.Directories
}

func newDesk(t *testing.T) desk {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	d := directory.New(w.Store, provisioning.NewConnectors(w.Store))
	return desk{webtest.New(t, w, directorypages.New(d)), t, d}
}

const list = "/company/directory"

func (d desk) must(err error) {
	if err != nil {
		d.t.Helper()
		d.t.Fatal(err)
	}
}

// made has Marieke set up a directory, and gives its page's address and its
// token.
func (d desk) made(name, kind string) (page, token string) {
	d.t.Helper()
	answer := d.As("marieke").Post(list+"/new", "name", name, "kind", kind)
	shown := answer.Page(http.StatusOK)
	if answer.Header.Get("Cache-Control") != "no-store" {
		d.t.Error("a token may be kept by the browser")
	}
	token = tokenOn(d.t, shown)
	return uitest.Attr(shown.One("a.btn-primary"), "href"), token
}

// tokenOn is the token that a page shows.
func tokenOn(t *testing.T, page uitest.Page) string {
	t.Helper()
	for _, button := range page.All("button[data-copy]") {
		if text := uitest.Attr(button, "data-copy"); strings.HasPrefix(text, "scim_") {
			return text
		}
	}
	t.Fatal("no token is shown")
	return ""
}

// client is who asks with a token.
func (d desk) client(token string) directory.Client {
	d.t.Helper()
	c, err := d.directories.Authenticate(d.Ctx, token)
	d.must(err)
	return c
}

// user adds somebody and gives his id.
func (d desk) user(c directory.Client, name string) string {
	d.t.Helper()
	found, err := d.directories.CreateUser(d.Ctx, c, map[string]any{"userName": name, "displayName": strings.ToUpper(name[:1]) + name[1:], "title": "Driver",
		directory.EnterpriseSchema: map[string]any{"department": "Transport"}})
	d.must(err)
	return found.Resource["id"].(string)
}

// holds has a directory hold the removal of somebody.
func (d desk) holds(c directory.Client, user string) {
	d.System(func(tx *store.Tx) error {
		if err := tx.Model(&directory.Directory{}).Where("company_id = ? AND id = ?", c.CompanyID, c.ID).Update("held_at", models.At(d.Now())).Error; err != nil {
			return err
		}
		return tx.Model(&directory.User{}).Where("company_id = ? AND id = ?", c.CompanyID, user).Updates(map[string]any{"removal": directory.Staged, "active": false}).Error
	})
}

func TestADirectoryIsSetUp(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	b.Get(list).Says("No directory yet", "fifteen minutes")
	b.Get(list+"/new").Says("Entra ID", "Okta", "Google or another")
	refused := b.Post(list+"/new", "name", " ", "kind", "okta")
	refused.Wants(http.StatusUnprocessableEntity)
	refused.Page(http.StatusUnprocessableEntity).One("input[name=kind][value=okta][checked]")

	page, token := d.made("Entra ID", directory.Entra)
	if !strings.HasPrefix(token, "scim_") {
		t.Fatalf("the token is %q", token)
	}
	for _, at := range []string{page, list, page + "/instructions", page + "/requests"} {
		b.Get(at).Hides(token)
	}
	shown := b.Get(page)
	shown.Says("Not heard yet", "http://localhost:8080/scim/v2", "…"+token[len(token)-4:], "Marieke de Vries", "No request has come yet")
	for kind, says := range map[string][]string{
		directory.Entra: {"http://localhost:8080/scim/v2?aadOptscim062020", "without the flag", "mailNickname", "objectId"},
		directory.Okta:  {"SCIM connector base URL", "Push Groups", "HTTP Header"},
		directory.Other: {"Google Workspace", "Authorization: Bearer"},
	} {
		b.Get(page + "/instructions?for=" + kind).Says(says...)
	}
	b.Get(list).Says("Entra ID", "Sync health") // the only one stands there itself
	d.made("Okta", directory.Okta)
	both := b.Get(list)
	both.Says("Entra ID", "Okta", "Last request")
	both.Links(page)
}

func TestTwoTokensAtMostAndEachIsShownOnce(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	page, first := d.made("Entra ID", directory.Entra)
	wrong := b.Post(page+"/tokens/new", "days", "soon")
	wrong.Wants(http.StatusUnprocessableEntity)
	made := b.Post(page+"/tokens/new", "days", "90")
	second := uitest.Attr(made.Page(http.StatusOK).One("button[data-copy]"), "data-copy")
	if made.Header.Get("Cache-Control") != "no-store" || second == first {
		t.Error("the second token may be kept by the browser, or is the first")
	}
	b.Get(page).Hides(first, second)
	b.Get(page).Says("14 Feb 2027")
	b.Get(page+"/tokens/new").Says("Two tokens are in use", "Revoke one before you make another")
	third := b.Post(page+"/tokens/new", "days", "90")
	third.Wants(http.StatusConflict)
	third.Says("Two tokens are in use")

	d.Advance(80 * 24 * time.Hour)
	b = d.again("marieke")
	soon := b.Get(page)
	soon.Says("days", "left")
	revoke := uitest.Attr(soon.Page(http.StatusOK).All("a.btn-danger")[1], "href")
	b.Get(revoke).Says("…"+first[len(first)-4:], "turned away at once")
	b.Post(revoke).GoesTo(page)
	if _, err := d.directories.Authenticate(d.Ctx, first); models.KindOf(err) != models.Unauthenticated {
		t.Errorf("the revoked token still opens: %v", err)
	}
	b.Get(revoke).Wants(http.StatusNotFound)
	b.Post(revoke).Wants(http.StatusNotFound)
}

// again is somebody in a session of today.
func (d desk) again(key string) *webtest.Browser {
	d.t.Helper()
	return d.With(d.SignIn(key))
}

func TestThePageTellsHowADirectoryFares(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	page, token := d.made("Entra ID", directory.Entra)
	d.user(d.client(token), "koen")
	for _, status := range []int{201, 200, 200, 409} {
		d.must(d.directories.Log(d.Ctx, d.client(token), directory.Exchange{Method: "POST", Target: "/scim/v2/Users", Status: status, Took: 40 * time.Millisecond}))
	}
	shown := b.Get(page)
	shown.Says("In sync", "75.0%", "40 ms", "1 active · 1 not matched", "A person could not be added", "Another one has the same user name", "Koen")
	one := shown.Page(http.StatusOK)
	if label := uitest.Attr(one.One("svg.chart"), "aria-label"); !strings.Contains(label, "between 0 and 1") {
		t.Errorf("the chart says %q", label)
	}
	if bars := uitest.Inside(one.One("svg.chart"), "rect"); len(bars) != 1 {
		t.Errorf("%d bars", len(bars))
	}
	d.Advance(73 * time.Hour)
	d.again("marieke").Get(page).Says("Silent for 73 hours")
}

func TestTheLogIsNarrowedAndShowsBodies(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	page, token := d.made("Okta", directory.Okta)
	b.Get(page + "/requests").Says("No request has come yet")
	for _, e := range []directory.Exchange{
		{Method: "GET", Target: "/scim/v2/Users?filter=userName%20eq%20%22koen%22", Status: 200},
		{Method: "POST", Target: "/scim/v2/Users", Status: 400, Detail: "The value of userName is missing", Body: []byte(`{"password":"hunter2","title":"<b>Driver</b>"}`), Answer: []byte(`{"status":"400"}`), UserAgent: "Okta SCIM Client 1.0.0"},
		{Method: "PATCH", Target: "/scim/v2/Groups/dgrp_1", Status: 204},
	} {
		d.must(d.directories.Log(d.Ctx, d.client(token), e))
	}
	all := b.Get(page + "/requests")
	all.Says("A person was looked up", `GET /Users?filter=userName eq "koen"`, "A person could not be added", "A group was changed")
	for query, want := range map[string]string{"failed=yes": "A person could not be added", "method=PATCH": "A group was changed", "q=koen": "A person was looked up"} {
		got := b.Get(page + "/requests?" + query)
		got.Says(want)
		if rows := uitest.Inside(got.Page(http.StatusOK).One("tbody"), "tr"); len(rows) != 1 {
			t.Errorf("%s leaves %d requests", query, len(rows))
		}
	}
	b.Get(page + "/requests?q=nothing-like-it").Says("No request fits.")
	one := uitest.Attr(uitest.Inside(b.Get(page+"/requests?failed=yes").Page(http.StatusOK).One("tbody"), "a")[0], "href")
	shown := b.Get(one)
	shown.Says("400", "The value of userName is missing", "Okta SCIM Client 1.0.0", "…"+token[len(token)-4:], `"password": "•••"`)
	shown.Hides("hunter2", "<b>Driver")
	b.Get(page + "/requests/dreq_unknown").Wants(http.StatusNotFound)
}

func TestPeopleAndGroupsAsTheDirectorySeesThem(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	page, token := d.made("Okta", directory.Okta)
	b.Get(page + "/people").Says("has not sent anybody yet")
	b.Get(page + "/groups").Says("has not sent any group yet")
	koen := d.user(d.client(token), "koen@devries.example")
	inner, err := d.directories.CreateGroup(d.Ctx, d.client(token), map[string]any{"displayName": "Drivers", "externalId": "ext-7", "members": []any{map[string]any{"value": koen}, map[string]any{"value": "still-to-come"}}})
	d.must(err)
	outer, err := d.directories.CreateGroup(d.Ctx, d.client(token), map[string]any{"displayName": "Staff", "members": []any{map[string]any{"value": inner.Resource["id"]}}})
	d.must(err)

	b.Get(page+"/people").Says("Koen@devries.example", "Active", "The domain of koen@devries.example is not verified", "1 person")
	b.Get(page + "/people?which=inactive").Says("Nobody fits.")
	b.Get(page + "/people?q=transport").Says("koen@devries.example")
	person := b.Get(page + "/people/" + koen)
	person.Says("title", "Driver", "Enterprise attributes", "department", "Transport", "Drivers", "Staff", "through Drivers", "Matched with nobody")
	person.Hides("/company/people/")

	b.Get(page+"/groups").Says("Drivers", "1 person · 1 still unknown", "ext-7", "Staff", "1 group")
	b.Get(page + "/groups?q=nothing").Says("No group fits.")
	group := b.Get(page + "/groups/" + inner.Resource["id"].(string))
	group.Says("Koen@devries.example", "still-to-come", "Still unknown", "No connector asks for it.", "Staff")
	b.Get(page+"/groups/"+outer.Resource["id"].(string)).Says("Drivers", "Group")
	b.Get(page + "/groups/" + koen).Wants(http.StatusNotFound)
}

func TestADirectoryIsPausedAndGoesOn(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	page, token := d.made("Okta", directory.Okta)
	b.Get(page+"/pause").Says("503 with Retry-After", "keeps access")
	b.Post(page + "/pause").GoesTo(page)
	b.Get(page).Says("Paused by Marieke de Vries")
	if _, err := d.directories.Authenticate(d.Ctx, token); models.KindOf(err) != models.Unavailable {
		t.Errorf("a paused directory answers %v", err)
	}
	b.Post(page + "/pause").Wants(http.StatusConflict)
	b.Post(page + "/resume").GoesTo(page)
	b.Get(page).Says("Not heard yet")
	b.Post(page+"/wipe", "allow", "yes").GoesTo(page)
	b.Get(page).Page(http.StatusOK).One("input[name=allow][checked]")
	b.Post(page + "/wipe").GoesTo(page)
	if boxes := b.Get(page).Page(http.StatusOK).All("input[name=allow][checked]"); len(boxes) != 0 {
		t.Error("the setting stays")
	}
}

func TestHeldRemovalsAreDecidedAbout(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	page, token := d.made("Okta", directory.Okta)
	b.Get(page + "/held").GoesTo(page)
	client := d.client(token)
	koen := d.user(client, "koen")
	d.holds(client, koen)
	b.Get(page).Says("Removals held", "The removal of 1 person waits for you")
	b.Get(page+"/held").Says("suspended", "Koen", "Type 1 to confirm")
	for _, typed := range []string{"", "2", "one"} {
		wrong := b.Post(page+"/held", "decision", "remove", "confirm", typed)
		shown := wrong.Page(http.StatusUnprocessableEntity)
		if got := uitest.Attr(shown.One("#confirm"), "value"); got != typed {
			t.Errorf("%q was typed, and %q is there", typed, got)
		}
	}
	b.Post(page+"/held", "decision", "keep").GoesTo(page)
	b.Get(page + "/people/" + koen).Says("Kept by a manager")
	b.Get(page + "/people?which=removals").Says("Koen")
	b.Post(page+"/held", "decision", "keep").Wants(http.StatusConflict)
	d.holds(client, koen)
	b.Post(page+"/held", "decision", "remove", "confirm", "1").GoesTo(page)
	b.Get(page).Says("Not heard yet")
}

// TestOthersReachNoDirectory: another company's is unknown, whoever may not manage
// any is refused.
func TestOthersReachNoDirectory(t *testing.T) {
	d := newDesk(t)
	page, token := d.made("Okta", directory.Okta)
	client := d.client(token)
	koen := d.user(client, "koen")
	d.must(d.directories.Log(d.Ctx, client, directory.Exchange{Method: "GET", Target: "/scim/v2/Users", Status: 200}))
	tokens, err := d.directories.Tokens(d.Ctx, d.Actor("marieke"), client.ID)
	d.must(err)
	for _, to := range []string{"", "/instructions", "/requests", "/requests/" + client.Request, "/people", "/people/" + koen, "/groups", "/tokens/new", "/tokens/" + tokens[0].ID + "/revoke", "/pause", "/remove", "/held"} {
		d.As("karin").Get(page + to).Wants(http.StatusNotFound)
		d.As("jan").Get(page + to).Wants(http.StatusForbidden)
	}
	for _, to := range []string{"/tokens/new", "/tokens/" + tokens[0].ID + "/revoke", "/pause", "/resume", "/wipe", "/remove", "/held"} {
		d.As("karin").Post(page+to, "days", "90").Wants(http.StatusNotFound)
		d.As("jan").Post(page+to, "days", "90").Wants(http.StatusForbidden)
	}
	d.As("jan").Post(list+"/new", "name", "Mine").Wants(http.StatusForbidden)
	// The other directory of the same company has neither the token nor the person.
	other, _ := d.made("Entra", directory.Entra)
	for _, to := range []string{"/people/" + koen, "/requests/" + client.Request, "/tokens/" + tokens[0].ID + "/revoke"} {
		d.As("marieke").Get(other + to).Wants(http.StatusNotFound)
	}
}

// TestALinkForTheDirectorySetsOneUp and leaves decisions about people to those who
// manage people.
func TestALinkForTheDirectorySetsOneUp(t *testing.T) {
	d := newDesk(t)
	m, err := d.Mandates.Make(d.Ctx, d.Actor("marieke"), mandate.Draft{Name: "Ilse Brouwer", Email: "ilse@it.example", Language: "en", Purposes: []models.Purpose{models.ForDirectory}})
	d.must(err)
	link, err := mandate.Token(d.Keys, m.ID)
	d.must(err)
	asked, err := d.Entrance.AskByLink(d.Ctx, link, access.Asking{BrowserHash: "b"})
	d.must(err)
	code, err := account.Code(d.Keys, asked)
	d.must(err)
	session, err := d.Entrance.EnterByLink(d.Ctx, link, access.Entering{Request: asked, BrowserHash: "b", Code: code})
	d.must(err)
	ilse := d.With(session)
	made := ilse.Post(list+"/new", "name", "Okta", "kind", "okta")
	shown := made.Page(http.StatusOK)
	page, token := uitest.Attr(shown.One("a.btn-primary"), "href"), tokenOn(t, shown)
	client := d.client(token)
	d.As("marieke").Get(page).Says("By a set-up link. The token goes on when the link ends.")
	d.holds(client, d.user(client, "koen"))
	held := ilse.Get(page + "/held")
	held.Says("Somebody who manages people decides about this.")
	if buttons := held.Page(http.StatusOK).All("button[name=decision]"); len(buttons) != 0 {
		t.Error("a form that is not for her")
	}
	ilse.Post(page+"/held", "decision", "keep").Wants(http.StatusForbidden)
	for _, answer := range []webtest.Answer{ilse.Get(page + "/remove"), ilse.Post(page+"/remove", "confirm", "Okta", "decision", "keep")} {
		answer.Wants(http.StatusForbidden)
		answer.Says("cannot be removed through a set-up link")
	}
	own := ilse.Get(page)
	own.Hides("Remove the directory")
	own.Hides("Roles by group")                                    // a page of connectors
	ilse.Get("/company/single-sign-on").Wants(http.StatusNotFound) // another area
}
