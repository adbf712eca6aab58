package account

import (
	"net/http"
	"strings"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestAProfileIsChanged(t *testing.T) {
	h := newHub(t)
	b := h.browser().signIn("karin@zonneveld.example")
	b.says(b.get("/account"), http.StatusOK, `value="Karin Schouten"`, `<option value="Europe/Amsterdam" selected>Europe/Amsterdam (UTC+01:00)`)
	b.leadsTo(b.post("/account", "name", "Karin Schouten-Bos", "language", "nl", "time_zone", "America/Curacao"), "/account")
	b.says(b.get("/account"), http.StatusOK, `lang="nl"`, "Je profiel is opgeslagen", `value="Karin Schouten-Bos"`, `<option value="America/Curacao" selected`)
}

func TestAProfileThatIsWrongIsShownAgain(t *testing.T) {
	b := newHub(t).browser().signIn("karin@zonneveld.example")
	got := b.post("/account", "name", " ", "language", "xx", "time_zone", "Mars/Olympus")
	b.says(got, http.StatusUnprocessableEntity, `href="#name"`, `href="#language"`, `href="#time_zone"`, "Fill this in.")
	b.says(b.get("/account"), http.StatusOK, `value="Karin Schouten"`)
}

func TestAProfileKeepsATimeZoneThatIsNotOffered(t *testing.T) {
	h := newHub(t)
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("karin")).Update("time_zone", "Asia/Kathmandu").Error
	})
	b := h.browser().signIn("karin@zonneveld.example")
	b.says(b.get("/account"), http.StatusOK, `<option value="Asia/Kathmandu" selected>Asia/Kathmandu (UTC+05:45)`)
}

func TestSessionsAreNamedAndEnded(t *testing.T) {
	h := newHub(t)
	phone := h.browser()
	phone.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
	phone.signIn("karin@zonneveld.example")
	desk := h.browser().signIn("karin@zonneveld.example")
	page := desk.get("/account")
	desk.says(page, http.StatusOK, "Firefox on Linux", "Safari on iPhone", "127.0.0.1", "This one", "Works in Zonneveld Bakkerijen")
	if strings.Count(page.Body.String(), "This one") != 1 {
		t.Error("several sessions are this one")
	}
	_, after, _ := strings.Cut(page.Body.String(), `action="/account/sessions/ses_`)
	id, _, _ := strings.Cut(after, "/")
	desk.leadsTo(desk.post("/account/sessions/ses_"+id+"/revoke"), "/account")
	if phone.signedIn() {
		t.Error("the phone is still signed in")
	}
	desk.silent(desk.get("/account"), "Safari on iPhone")
}

func TestASessionOfSomebodyElseIsNotThere(t *testing.T) {
	h := newHub(t)
	pim := h.browser().signIn("pim@zonneveld.example")
	karin := h.browser().signIn("karin@zonneveld.example")
	theirs := h.actorOf("pim@zonneveld.example").Session
	foreign := karin.post("/account/sessions/" + theirs + "/revoke")
	unknown := karin.post("/account/sessions/ses_nothing/revoke")
	karin.says(foreign, http.StatusNotFound)
	if foreign.Code != unknown.Code || len(foreign.Body.String()) != len(unknown.Body.String()) {
		t.Error("a foreign session answers unlike an unknown one")
	}
	if !pim.signedIn() {
		t.Error("it was ended all the same")
	}
}

func TestSigningOutEverywhereElse(t *testing.T) {
	h := newHub(t)
	var others []*browser
	for range 2 {
		others = append(others, h.browser().signIn("karin@zonneveld.example"))
	}
	pim := h.browser().signIn("pim@zonneveld.example")
	b := h.browser().signIn("karin@zonneveld.example")
	b.leadsTo(b.post("/account/sessions/revoke-others"), "/account")
	b.says(b.get("/account"), http.StatusOK, "2 other sessions are ended", "signed in nowhere else")
	for _, other := range append(others, pim) {
		if other.signedIn() != (other == pim) {
			t.Error("the wrong sessions were ended")
		}
	}
	if n := h.Count(h.Zonneveld, "session.revoked"); n != 2 {
		t.Errorf("%d events", n)
	}
	b.leadsTo(b.post("/account/sessions/revoke-others"), "/account") // there is none any more
}

func TestEndingThisSessionSignsOut(t *testing.T) {
	h := newHub(t)
	b := h.browser().signIn("karin@zonneveld.example")
	b.leadsTo(b.post("/account/sessions/"+h.actorOf("karin@zonneveld.example").Session+"/revoke"), "/sign-in")
	if b.signedIn() {
		t.Error("the session goes on")
	}
}

func TestAnInvitationIsForItsAddressAlone(t *testing.T) {
	h := newHub(t)
	invited, err := h.Members.Invite(h.Ctx, h.Actor("karin"), "tom@kade.example", []string{tenancy.Member}, "en")
	if err != nil {
		t.Fatal(err)
	}
	at := "/invitations/" + invited.ID
	b := h.browser()
	b.leadsTo(b.get(at), "/sign-in?next=%2Finvitations%2F"+invited.ID)

	sanne := h.browser().signIn("sanne@kade.example")
	sanne.says(sanne.get(at), http.StatusNotFound, "sanne@kade.example", "Sign in as someone else")
	sanne.silent(sanne.get(at), "Zonneveld")
	sanne.says(sanne.post(at), http.StatusNotFound)
	sanne.says(sanne.get("/invitations/inv_nothing"), http.StatusNotFound, "There is no such invitation for you")

	h.Person("tom", "Tom Whitfield", "tom@kade.example")
	request := b.ask("tom@kade.example", "next", at)
	b.leadsTo(b.enter(request, b.code(request)), at)
	b.says(b.get(at), http.StatusOK, "Become a member of Zonneveld Bakkerijen", "Karin Schouten", "Member")
	b.leadsTo(b.post(at), "/home")
	b.says(b.get("/home"), http.StatusOK, "You are a member of Zonneveld Bakkerijen now")
	if tom := h.Actor("tom"); tom.Effective.Organization != h.Zonneveld.Organization || !tom.May(models.ViewMembers) {
		t.Errorf("he is in %+v", tom.Effective)
	}
	b.says(b.post(at), http.StatusNotFound)
}

func TestWhoHasNoRoleLearnsWhomToAsk(t *testing.T) {
	h := newHub(t)
	anna := h.Person("nobody", "Daan Mulder", "daan@zonneveld.example")
	b := h.browser().signIn("daan@zonneveld.example")
	b.says(b.get("/no-access"), http.StatusForbidden, "De Vries Logistiek knows you as daan@zonneveld.example", anna.ID, `action="/sign-out"`)
	b.says(b.get("/account"), http.StatusOK, "Daan Mulder") // his account is his all the same
	karin := h.browser().signIn("karin@zonneveld.example")
	karin.leadsTo(karin.get("/no-access"), "/home")
}
