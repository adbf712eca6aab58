package delegation

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// hosting is what Zonneveld asks of delegations.
func (h *hub) hosting(in tenancy.Hosting) {
	h.t.Helper()
	in.Notify = tenancy.AtOnce
	if err := h.Members.SetHosting(h.Ctx, h.Actor("karin"), in); err != nil {
		h.t.Fatal(err)
	}
}

func TestWhereApprovalIsAskedTheFormProposes(t *testing.T) {
	h := newHub(t)
	h.hosting(tenancy.Hosting{Approval: true})
	karin, pim := h.as("karin"), h.as("pim")
	karin.says(karin.get("/delegations/new"), http.StatusOK, "Another superuser approves it first", "Propose delegation")
	karin.says(karin.post("/delegations/preview", "email", noor, "period", "1w"), http.StatusOK, "Another superuser has to approve it first")
	given := karin.post("/delegations/new", "email", noor, "period", "1w", "reason", "Stock count")
	to := given.Header().Get("Location")
	karin.says(karin.leadsTo(given, to), http.StatusOK, "waits for approval", "Waits for approval", "See the proposal")
	karin.says(karin.get(to+"/approval"), http.StatusOK, "You proposed this. Another superuser decides", "Withdraw proposal")
	pim.says(pim.get("/delegations"), http.StatusOK, "1 waits for approval", "Proposed by Karin Schouten")
	page := pim.get(to + "/approval")
	pim.says(page, http.StatusOK, "Approve a delegation for "+noor, "Stock count", "As "+noor)
	proposal := uitest.Attr(pim.page(page, http.StatusOK).One("input[name=proposal]"), "value")
	karin.says(karin.post(to+"/approval", "proposal", proposal, "decision", "approve"), http.StatusConflict, "You proposed this yourself")
	pim.says(pim.post(to+"/approval", "proposal", proposal, "decision", "approve", "note", strings.Repeat("x", 501)), http.StatusUnprocessableEntity, "Use at most 500 characters")
	pim.says(pim.post(to+"/approval", "proposal", proposal, "decision", "perhaps"), http.StatusNotFound)
	if len(h.Mails(mail.InvitationKind)) != 0 {
		t.Fatal("the invitation went out before the approval")
	}
	pim.says(pim.leadsTo(pim.post(to+"/approval", "proposal", proposal, "decision", "approve"), to), http.StatusOK, "You approved it", "Invitation sent", "Approved by", "Pim Zonneveld approved it")
	pim.says(pim.post(to+"/approval", "proposal", proposal, "decision", "reject"), http.StatusConflict, "Pim Zonneveld approved this already")
	if len(h.Mails(mail.InvitationKind)) != 1 {
		t.Error("the invitation did not go out once")
	}
}

func TestTheOnlySuperuserIsToldThatNobodyCanApprove(t *testing.T) {
	h := newHub(t)
	h.hosting(tenancy.Hosting{Approval: true})
	if err := h.Members.Remove(h.Ctx, h.Actor("karin"), h.ID("pim")); err != nil {
		t.Fatal(err)
	}
	karin := h.as("karin")
	got := karin.get("/delegations/new")
	karin.says(got, http.StatusOK, "Nobody can be let in here for now", "there is no other")
	karin.silent(got, "Propose delegation")
	karin.says(karin.post("/delegations/new", "email", noor, "period", "1w"), http.StatusUnprocessableEntity, "there is no other")
}

func TestAChangeIsShownAgainstWhatStandsBeforeItIsMade(t *testing.T) {
	h := newHub(t)
	h.planning()
	d := h.Delegate("karin", "sanne", delegation.Week)
	karin, path := h.as("karin"), "/delegations/"+d.ID
	karin.says(karin.get(path), http.StatusOK, "As Sanne Kuipers", "Planning Viewer")
	form := karin.page(karin.get(path+"/change"), http.StatusOK)
	if !uitest.Has(form.One("input[value=keep]"), "checked") || uitest.Attr(form.One("input[name=version]"), "value") != fmt.Sprint(d.Version) {
		t.Error("the form does not hold what stands")
	}
	fields := []string{"version", fmt.Sprint(d.Version), "period", "1m", "scope", "chosen", "role", "rol_planner", "reason", "Only the planning"}
	karin.header.Set("HX-Request", "true")
	karin.says(karin.post(path+"/preview", fields...), http.StatusOK, "This lets Sanne Kuipers do more than now", "Wed 16 Dec 2026, 11:00", "Now: Mon 23 Nov 2026, 11:00", "Member, Planning: Planner")
	karin.header.Del("HX-Request")
	review := karin.post(path+"/change", fields...)
	karin.says(review, http.StatusOK, "Wed 16 Dec 2026, 11:00", "Only the planning", "Change delegation")
	if h.Count(h.Zonneveld, event.DelegationAmended) != 0 {
		t.Fatal("looking changed it")
	}
	var carried []string // what the page itself sends
	for _, input := range uitest.Inside(karin.page(review, http.StatusOK).One("form#review"), "input") {
		carried = append(carried, uitest.Attr(input, "name"), uitest.Attr(input, "value"))
	}
	karin.says(karin.post(path+"/change", append(slices.Clone(carried), "edit", "true")...), http.StatusOK, "See what changes")
	karin.says(karin.leadsTo(karin.post(path+"/change", append(carried, "confirm", "true")...), path), http.StatusOK, "is changed", "Karin Schouten changed it", "Only the planning", "Planning: Planner")
	karin.says(karin.post(path+"/change", append(carried, "confirm", "true")...), http.StatusConflict, "Somebody changed this delegation")
	karin.says(karin.post(path+"/change", "version", "3", "period", "date", "date", "1-1-2020"), http.StatusUnprocessableEntity, "Choose a day that is not over yet")
}

func TestASecondDelegationForTheSamePersonAmendsTheFirst(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	karin := h.as("karin")
	karin.says(karin.post("/delegations/preview", "email", "sanne@kade.example", "period", "1m"), http.StatusOK, "has a delegation here already. Going on changes that one")
	got := karin.post("/delegations/new", "email", "sanne@kade.example", "period", "1m", "reason", "More to do")
	karin.says(got, http.StatusOK, "A second one is not given", "Wed 16 Dec 2026, 11:00", "More to do")
	path := "/delegations/" + d.ID
	karin.leadsTo(karin.post(path+"/change", "version", fmt.Sprint(d.Version), "period", "1m", "reason", "More to do", "confirm", "true"), path)
	if all, err := h.Delegations.List(h.Ctx, h.Actor("karin")); err != nil || len(all) != 1 {
		t.Errorf("there are %d: %v", len(all), err)
	}
}

func TestALaterEndWaitsWhereApprovalIsAsked(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	h.hosting(tenancy.Hosting{Approval: true})
	karin, path := h.as("karin"), "/delegations/"+d.ID
	karin.says(karin.leadsTo(karin.post(path+"/extend", "version", fmt.Sprint(d.Version), "period", "1m"), path), http.StatusOK, "waits for approval", "until Mon 23 Nov", "the delegation stays as it is")
	if got := karin.get(path); strings.Contains(got.Body.String(), `action="`+path+`/extend"`) {
		t.Error("a second end can be asked for while the first waits")
	}
	pim := h.as("pim")
	pim.says(pim.get("/delegations?tab=attention"), http.StatusOK, "Change waits for approval", "1 delegation")
	pim.says(pim.get(path+"/approval"), http.StatusOK, "Approve a change for Sanne Kuipers", "Wed 16 Dec 2026, 11:00")
}

func TestAStartInTheFutureIsSaidOnBothClocks(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	fields := []string{"email", noor, "period", "date", "date", "27-11-2026", "start", "later", "start_date", "20-11-2026", "start_time", "9:00"}
	karin.says(karin.post("/delegations/preview", fields...), http.StatusOK, "from Fri 20 Nov 2026, 09:00 up to and including Fri 27 Nov 2026", "Sat 28 Nov 2026, 00:00")
	given := karin.post("/delegations/new", fields...)
	karin.says(karin.leadsTo(given, given.Header().Get("Location")), http.StatusOK, "Invitation sent", "Fri 20 Nov, 09:00 to Sat 28 Nov, 00:00")
}

func TestPeriodsBeyondTheCapAreNotOnTheForm(t *testing.T) {
	h := newHub(t)
	h.hosting(tenancy.Hosting{LongestDays: 3})
	karin := h.as("karin")
	page := karin.page(karin.get("/delegations/new"), http.StatusOK)
	var offered []string
	for _, input := range page.All("input[name=period]") {
		offered = append(offered, uitest.Attr(input, "value"))
	}
	if got := strings.Join(offered, " "); got != "4h 1d date" || !uitest.Has(page.One("input[value=1d]"), "checked") {
		t.Errorf("offered are %s", got)
	}
	karin.says(karin.get("/delegations/new"), http.StatusOK, "gives access for at most 3 days")
}

func TestEdge17TheWarningStandsBeforeTheDelegationIsGiven(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	form := []string{"email", "sanne@kаde.example", "period", "1w"} // the а is Cyrillic
	page := karin.post("/delegations/new", form...)
	karin.says(page, http.StatusUnprocessableEntity, "Look at this address twice", "xn--")
	if h.Count(h.Zonneveld, event.DelegationGranted) != 0 {
		t.Fatal("it was given before the warning was read")
	}
	sure := uitest.Attr(karin.page(page, http.StatusUnprocessableEntity).One("input[name=sure]"), "value")
	given := karin.post("/delegations/new", append(form, "sure", sure)...)
	karin.says(karin.leadsTo(given, given.Header().Get("Location")), http.StatusOK, "gets an invitation")
}

func TestEdge18AScannerThatOpensTheLinksDecidesNothing(t *testing.T) {
	h := newHub(t)
	h.hosting(tenancy.Hosting{Approval: true})
	d, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: noor, Period: delegation.Week})
	if err != nil {
		t.Fatal(err)
	}
	pim := h.as("pim")
	before := len(h.Events(h.Zonneveld))
	for range 2 {
		pim.get("/delegations/" + d.ID + "/approval?decision=approve")
		pim.send(http.MethodHead, "/delegations/"+d.ID+"/approval", nil)
	}
	h.Advance(time.Second)
	now, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), d.ID)
	if err != nil || now.Waiting == nil || len(h.Events(h.Zonneveld)) != before {
		t.Errorf("it is %s: %v", now.Status(h.Now()), err)
	}
}
