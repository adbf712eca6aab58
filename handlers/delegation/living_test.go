package delegation

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

func (h *hub) version(id string) string {
	h.t.Helper()
	d, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprint(d.Version)
}

func TestSeveralAreChosenInTheListWithoutScript(t *testing.T) {
	h := newHub(t)
	sanne, thomas := h.Delegate("karin", "sanne", delegation.Week), h.Delegate("karin", "thomas", delegation.Week)
	karin := h.as("karin")
	page := karin.page(karin.get("/delegations"), http.StatusOK)
	boxes := page.All("input[name=id]")
	if len(boxes) != 2 || uitest.Attr(boxes[0], "form") != uitest.Attr(page.One("form[action=/delegations/bulk]"), "id") {
		t.Fatalf("%d can be chosen", len(boxes))
	}
	karin.leadsTo(karin.get("/delegations/bulk?do=revoke"), "/delegations")
	karin.says(karin.get("/delegations/bulk?do=burn&id="+sanne.ID), http.StatusNotFound)
	path := "/delegations/bulk?do=revoke&id=" + sanne.ID + "&id=" + thomas.ID
	asked := karin.get(path)
	karin.says(asked, http.StatusOK, "Revoke 2 delegations?", "Sanne Kuipers", "Thomas Bakker", "Revoke 2 now")
	if h.Count(h.Zonneveld, event.DelegationRevoked) != 0 {
		t.Fatal("looking revoked")
	}
	var fields []string
	for _, input := range karin.page(asked, http.StatusOK).All("input[name=chosen]") {
		fields = append(fields, "chosen", uitest.Attr(input, "value"))
	}
	if err := h.Delegations.Revoke(h.Ctx, h.Actor("pim"), sanne.ID); err != nil { // meanwhile
		t.Fatal(err)
	}
	karin.says(karin.post("/delegations/bulk", append(fields, "do", "revoke")...), http.StatusOK,
		"One delegation is revoked. One was not changed", "Sanne Kuipers This delegation is over. Not changed", "Thomas Bakker Revoked")
	karin.says(karin.get(path), http.StatusOK, "2 cannot be changed", "Change nothing")
}

func TestSeveralAreExtendedAtOnce(t *testing.T) {
	h := newHub(t)
	week, longer := h.Delegate("karin", "sanne", delegation.Week), h.Delegate("karin", "thomas", delegation.ThreeMonths)
	foreign := h.Delegate("jan", "thomas", delegation.Week)
	karin := h.as("karin")
	chosen := []string{"do", "extend", "chosen", week.ID + " " + fmt.Sprint(week.Version), "chosen", longer.ID + " " + fmt.Sprint(longer.Version)}
	karin.says(karin.post("/delegations/bulk", append(chosen, "period", "date", "date", "soon")...), http.StatusUnprocessableEntity, "Extend 2 delegations", "Write a day such as")
	karin.says(karin.post("/delegations/bulk", append(chosen, "period", "1m", "chosen", foreign.ID+" 2")...), http.StatusOK,
		"One delegation has a new end. 2 were not changed", "Sanne Kuipers Extended", "That is earlier than the end it has now", "A delegation that is not there any more")
	if h.Count(h.Production, event.DelegationExtended) != 0 {
		t.Error("another organization's was extended")
	}
	member := h.as("ria")
	member.says(member.post("/delegations/bulk", append(chosen, "period", "1m")...), http.StatusForbidden)
	member.says(member.get("/delegations/bulk?do=revoke&id="+week.ID), http.StatusForbidden)
}

func TestSeveralAreShortenedAtOnce(t *testing.T) {
	h := newHub(t)
	week, longer := h.Delegate("karin", "sanne", delegation.Week), h.Delegate("karin", "thomas", delegation.ThreeMonths)
	karin := h.as("karin")
	asked := karin.get("/delegations/bulk?do=shorten&id=" + week.ID + "&id=" + longer.ID)
	karin.says(asked, http.StatusOK, "Shorten 2 delegations", "same earlier end")
	karin.silent(asked, "No end date")
	chosen := []string{"do", "shorten", "chosen", week.ID + " " + fmt.Sprint(week.Version), "chosen", longer.ID + " " + fmt.Sprint(longer.Version)}
	karin.says(karin.post("/delegations/bulk", append(chosen, "period", "date")...), http.StatusUnprocessableEntity, "Shorten 2 delegations", "Write a day such as")
	karin.says(karin.post("/delegations/bulk", append(chosen, "period", "1m")...), http.StatusOK,
		"One delegation has a new end. One was not changed", "Thomas Bakker Shortened", "which is no later")
}

// Where another superuser has to agree, the page does not say that it is done.
func TestSeveralThatAreExtendedWaitWhereApprovalIsAsked(t *testing.T) {
	h := newHub(t)
	week, longer := h.Delegate("karin", "sanne", delegation.Week), h.Delegate("karin", "thomas", delegation.ThreeMonths)
	h.hosting(tenancy.Hosting{Approval: true})
	karin := h.as("karin")
	chosen := []string{"do", "extend", "chosen", week.ID + " " + fmt.Sprint(week.Version), "chosen", longer.ID + " " + fmt.Sprint(longer.Version)}
	karin.says(karin.post("/delegations/bulk", append(chosen, "period", "1m")...), http.StatusOK,
		"Nothing was changed. One waits for another superuser", "One was not changed", "Sanne Kuipers Waits for approval")
	if n := h.Count(h.Zonneveld, event.DelegationExtended); n != 0 {
		t.Errorf("%d were extended", n)
	}
}

func TestMoreTimeIsGrantedOrRefusedOnThePage(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	ask := func() {
		if err := h.Delegations.AskMore(h.Ctx, h.Actor("sanne"), d.ID, delegation.More{Period: delegation.Month, Reason: "The count takes longer"}); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	karin := h.as("karin")
	karin.says(karin.get("/delegations?tab=attention"), http.StatusOK, "Asks for more time", "1 to answer")
	got := karin.get("/delegations/" + d.ID)
	karin.says(got, http.StatusOK, "Sanne Kuipers asks for more time, until Wed 16 Dec, 11:00", "The count takes longer", "Give this time")
	version := h.version(d.ID)
	karin.says(karin.post("/delegations/"+d.ID+"/refuse-more", "version", version, "note", strings.Repeat("x", 501)), http.StatusUnprocessableEntity, "Use at most 500 characters")
	refused := karin.leadsTo(karin.post("/delegations/"+d.ID+"/refuse-more", "version", version, "note", "We do the rest"), "/delegations/"+d.ID)
	karin.says(refused, http.StatusOK, "Sanne Kuipers gets no more time", "We do the rest")
	karin.says(karin.post("/delegations/"+d.ID+"/refuse-more", "version", h.version(d.ID)), http.StatusConflict, "Nobody asks for more time any more")
	ask()
	granted := karin.leadsTo(karin.post("/delegations/"+d.ID+"/extend", "version", h.version(d.ID), "period", "1m", "date", ""), "/delegations/"+d.ID)
	karin.silent(granted, "Give this time")
}

// Edge case 14 of delegation.md, as superusers see it.
func TestAQuestionIsAnsweredOnThePage(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("pim", "sanne", delegation.Month)
	if err := h.Members.SetRoles(h.Ctx, h.Actor("karin"), h.ID("pim"), []string{tenancy.Member}); err != nil {
		t.Fatal(err)
	}
	karin := h.as("karin")
	karin.says(karin.get("/delegations"), http.StatusOK, "To be confirmed")
	karin.says(karin.get("/delegations/"+d.ID), http.StatusOK, "Pim Zonneveld is no superuser any more", "suspended on Mon 30 Nov 2026, 11:00", "Confirm delegation")
	done := karin.leadsTo(karin.post("/delegations/"+d.ID+"/confirm", "version", h.version(d.ID)), "/delegations/"+d.ID)
	karin.says(done, http.StatusOK, "The delegation of Sanne Kuipers is confirmed")
	karin.silent(done, "is no superuser any more</b>")
}

func TestAReviewIsAnsweredOnThePage(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.NoEnd)
	h.Advance(77 * 24 * time.Hour)
	h.NewSession("karin")
	if err := h.Delegations.Review(h.Ctx); err != nil {
		t.Fatal(err)
	}
	karin := h.as("karin")
	karin.says(karin.get("/delegations"), http.StatusOK, "Review due", "One delegation was not used for 30 days", "Not used 1")
	got := karin.get("/delegations/" + d.ID)
	karin.says(got, http.StatusOK, "Does Sanne Kuipers still have to work here?", "Keep for another 90 days", "Set an end", "Sanne Kuipers has not been here for 30 days")
	page := karin.page(karin.get("/delegations"), http.StatusOK)
	to := uitest.Attr(page.One("a.btn-danger"), "href")
	karin.says(karin.get(to), http.StatusOK, "Revoke one delegation?", "Sanne Kuipers")
	karin.leadsTo(karin.post("/delegations/"+d.ID+"/extend", "version", h.version(d.ID), "period", "1m"), "/delegations/"+d.ID)
	karin.silent(karin.get("/delegations/"+d.ID), "still have to work here")
}

func TestVisitorsNowAndTheEndOfAVisit(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	karin := h.as("karin")
	karin.says(karin.get("/visitors"), http.StatusOK, "Nobody from outside is here")
	h.Switch("sanne", h.Zonneveld)
	h.Advance(25 * time.Minute)
	sanne := h.as("sanne")
	got := karin.get("/visitors")
	karin.says(got, http.StatusOK, "Sanne Kuipers", "Kade Consultants", "Here for 25 min", "Nothing was changed", "can enter again unless you revoke it")
	to := uitest.Attr(karin.page(got, http.StatusOK).One("form.btn-row"), "action")
	sanne.says(sanne.post(to), http.StatusForbidden)
	jan := h.as("jan")
	jan.says(jan.post(to), http.StatusNotFound)
	ended := karin.leadsTo(karin.post(to), "/visitors")
	karin.says(ended, http.StatusOK, "The visit of Sanne Kuipers is over", "Nobody from outside is here")
	home := sanne.get("/")
	if home.Header().Get("Location") != "/home" {
		t.Errorf("she is led to %q", home.Header().Get("Location"))
	}
	if a := h.Actor("sanne"); a.Visiting() || a.Effective.Organization != h.Kade.Organization {
		t.Errorf("she is in %s", a.Effective.Name)
	}
	karin.says(karin.leadsTo(karin.post(to), "/visitors"), http.StatusOK, "Sanne Kuipers had left already")
	if n := len(h.Mails(mail.LeftKind)); n != 2 {
		t.Errorf("%d superusers got mail", n)
	}
}

func TestTheCalendarAndItsFile(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	karin.says(karin.get("/delegations/calendar"), http.StatusOK, "Nothing is to come")
	d := h.Delegate("karin", "sanne", delegation.Week)
	h.Delegate("karin", "thomas", delegation.NoEnd)
	karin.says(karin.get("/delegations/calendar"), http.StatusOK, "Nov 2026", "Mon 23 Nov, 11:00 Ends", "Sanne Kuipers", "Feb 2027", "Sun 14 Feb 2027, 11:00 Review", "Thomas Bakker")
	file := karin.get("/delegations/calendar.ics")
	if file.Code != http.StatusOK || !strings.HasPrefix(file.Header().Get("Content-Type"), "text/calendar") {
		t.Fatalf("the file answers %d %s", file.Code, file.Header().Get("Content-Type"))
	}
	for _, line := range []string{"BEGIN:VCALENDAR\r\n", "UID:" + d.ID + ".ends@calendar.locum.invalid\r\n", "DTSTART:20261123T100000Z\r\n",
		"SUMMARY:The delegation of Sanne Kuipers in Zonneveld Bakkerijen ends\r\n", "END:VCALENDAR\r\n"} {
		if !strings.Contains(file.Body.String(), line) {
			t.Errorf("the file lacks %q:\n%s", line, file.Body)
		}
	}
	for line := range strings.SplitSeq(file.Body.String(), "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
}
