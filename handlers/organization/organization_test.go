package organization_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// visit has Sanne work in De Vries Production through a delegation.
func (h *hub) visit() {
	h.Delegate("jan", "sanne", delegation.Week)
	h.Switch("sanne", h.Production)
}

func TestOverviewShowsEachWhatHeMay(t *testing.T) {
	h := newHub(t)
	h.visit()

	jan := h.As("jan").Get("/")
	jan.Says("Visitors now", "Sanne Kuipers", "Invoice matching", "entered the organization")
	anna := h.As("anna").Get("/").Page(http.StatusOK)
	if tiles := anna.All("[href=/delegations]"); len(tiles) != 0 {
		t.Error("a member is shown delegations")
	}
	sanne := h.As("sanne").Get("/")
	sanne.Says("Your delegation", "Given by Jan-Willem Hoekstra", "6 days 23 hours left", "While you are here", "Editor")
	sanne.Hides("/members/invite", "/organization/settings", "Planners", "Planning-Editors")
}

func TestOverviewLeadsWhereThereIsSomethingToSee(t *testing.T) {
	h := newHub(t)
	h.As("").Get("/").GoesTo("/sign-in?next=%2F")
	h.Person("noor", "Noor Hendriks", "noor@noorhendriks.example")
	h.As("noor").Get("/").GoesTo("/no-access")
	h.Person("manager", "Els Manager", "els@devries.example")
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: h.Production.Company, AccountID: h.ID("manager"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Els")
	})
	h.As("manager").Get("/").GoesTo("/company")
}

func TestMembersShowWhereEachRoleComesFrom(t *testing.T) {
	h := newHub(t)
	list := h.As("jan").Get("/members")
	list.Says("Anna Visser", "Marieke de Vries", "Invoice matching: Editor")
	page := list.Page(http.StatusOK)
	if !slices.ContainsFunc(page.All(".tag"), func(tag *html.Node) bool {
		return strings.Contains(uitest.Attr(tag, "title"), "Connector: Planners (group is “Planning-Editors”)")
	}) {
		t.Error("the tag does not say which connector and why")
	}
	one := h.As("jan").Get("/members/" + h.ID("anna"))
	one.Says("Connector “Planners”, version 1", "group is “Planning-Editors”", "As the identity provider said at a sign-in, Mon 16 Nov 2026, 09:31")
}

func TestMembersAreFoundByNameAndRole(t *testing.T) {
	h := newHub(t)
	found := h.As("marieke").Get("/members?q=JAN")
	found.Says("Jan-Willem Hoekstra", "1 of 3")
	found.Hides("anna@devries.example")
	superusers := h.As("anna").Get("/members?role=" + tenancy.Superuser)
	superusers.Says("2 of 3")
	h.As("anna").Get("/members?q=nobody").Says("No member fits these filters.")
}

func TestMembersAreSeenOnlyWhereTheyAre(t *testing.T) {
	h := newHub(t)
	h.As("thomas").Get("/members")
	h.Advance(time.Minute)
	h.As("thomas").Get("/members")
	one, err := tenancy.NewMembers(h.Store).Get(h.Ctx, h.Actor("sanne"), h.ID("thomas"))
	if err != nil || one.SeenAt.IsZero() {
		t.Fatalf("Thomas was seen at home, got %v %v", one.SeenAt, err)
	}
	// Where he only visits, it is not told when he was at home.
	h.Join("guest", "Thomas elsewhere", "thomas@elsewhere.example", h.Production, tenancy.Member)
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: h.Production.Company, OrganizationID: h.Production.Organization, AccountID: h.ID("thomas"),
			RoleID: tenancy.Member, Source: tenancy.Manual}, "Thomas")
	})
	one, err = tenancy.NewMembers(h.Store).Get(h.Ctx, h.Actor("jan"), h.ID("thomas"))
	if err != nil || !one.SeenAt.IsZero() {
		t.Fatalf("De Vries learns when Thomas was at Kade: %v %v", one.SeenAt, err)
	}
}

func TestVisitorSeesMembersButNoEvidence(t *testing.T) {
	h := newHub(t)
	h.visit()
	sanne := h.As("sanne")
	list := sanne.Get("/members")
	list.Says("Anna Visser", "Invoice matching: Editor")
	list.Hides("Planners", "Planning-Editors", "/members/invite", "/remove")
	one := sanne.Get("/members/" + h.ID("anna"))
	one.Says("Given by a connector of the company")
	one.Hides("Planners", "Planning-Editors", "version 1")
	for _, path := range []string{"/members/invite", "/members/" + h.ID("anna") + "/remove", "/organization/settings", "/applications/app_invoices/disable"} {
		sanne.Get(path).Wants(http.StatusForbidden)
	}
	sanne.Get("/applications").Hides("Transport planning", "/disable", "/enable")
}

func TestMembersAreForThoseWhoManageThem(t *testing.T) {
	h := newHub(t)
	anna := h.As("anna")
	for _, path := range []string{"/members/invite", "/members/" + h.ID("jan") + "/remove", "/organization/settings"} {
		anna.Get(path).Wants(http.StatusForbidden)
	}
	for _, path := range []string{"/members/invite", "/members/" + h.ID("jan") + "/roles", "/members/" + h.ID("jan") + "/remove",
		"/applications/app_transport/enable", "/applications/app_invoices/disable", "/organization/settings"} {
		anna.Post(path, "role", tenancy.Superuser).Wants(http.StatusForbidden)
	}
	if n := h.Count(h.Production, event.AccessRefused); n != 3 { // each permission once a minute
		t.Errorf("%d refusals are recorded, want 3", n)
	}
	one, err := h.Members.Get(h.Ctx, h.Actor("jan"), h.ID("jan"))
	if err != nil || !one.Has(tenancy.Superuser) {
		t.Errorf("a member changed a superuser: %v", err)
	}
}

func TestForeignIDsAnswerLikeUnknownOnes(t *testing.T) {
	h := newHub(t)
	foreign, err := h.Members.Invite(h.Ctx, h.Actor("karin"), "nieuw@zonneveld.example", []string{tenancy.Member}, "nl")
	if err != nil {
		t.Fatal(err)
	}
	jan := h.As("jan")
	for _, path := range []string{"/members/" + h.ID("karin"), "/members/acc_unknown", "/members/" + h.ID("karin") + "/remove", "/members/acc_unknown/remove",
		"/applications/app_transport/disable", "/applications/app_unknown/disable"} {
		jan.Get(path).Wants(http.StatusNotFound)
	}
	for _, path := range []string{"/members/" + h.ID("karin") + "/roles", "/members/acc_unknown/roles", "/members/" + h.ID("karin") + "/remove",
		"/members/invitations/" + foreign.ID + "/withdraw", "/members/invitations/inv_unknown/withdraw",
		"/applications/app_unknown/enable", "/applications/app_transport/disable"} {
		jan.Post(path, "role", tenancy.Member).Wants(http.StatusNotFound)
	}
	open, err := h.Members.Invited(h.Ctx, h.Actor("karin"))
	if err != nil || len(open) != 1 {
		t.Errorf("a foreign invitation was touched: %v %v", open, err)
	}
}

func TestInvitationGoesFromFormToMember(t *testing.T) {
	h := newHub(t)
	jan := h.As("jan")
	jan.Get("/members/invite").Page(http.StatusOK).One("[name=email]")
	wrong := jan.Post("/members/invite", "email", "no address", "role", tenancy.Member)
	page := wrong.Page(http.StatusUnprocessableEntity)
	if uitest.Attr(page.One("[name=email]"), "value") != "no address" || uitest.Attr(page.One("[name=email]"), "aria-invalid") != "true" {
		t.Error("what was typed is not kept, or not marked")
	}
	jan.Post("/members/invite", "email", "anna@devries.example", "role", tenancy.Member).Says("This person is a member already.")
	jan.Post("/members/invite", "email", "noor@noorhendriks.example").Says("Choose at least one role in the organization.")

	jan.Post("/members/invite", "email", "Noor@noorhendriks.example", "role", tenancy.Member, "role", h.editor.ID, "language", "nl").GoesTo("/members")
	jan.Get("/members").Says("Noor@noorhendriks.example is invited.", "Open invitations", "Noor@noorhendriks.example", "Invoice matching: Editor")
	jan.Post("/members/invite", "email", "noor@noorhendriks.example", "role", tenancy.Member).Says("This address has an open invitation already.")
	if mails := h.Mails(mail.MemberInvitation{}.Kind()); len(mails) != 1 || mails[0].Language != "nl" {
		t.Fatalf("one mail in Dutch goes out, not %v", mails)
	}
	h.As("anna").Get("/members").Hides("noorhendriks")

	h.Person("noor", "Noor Hendriks", "noor@noorhendriks.example")
	offers, err := h.Members.Offers(h.Ctx, h.Actor("noor"))
	if err != nil || len(offers) != 1 {
		t.Fatalf("Noor is offered %v %v", offers, err)
	}
	if _, err := h.Members.Accept(h.Ctx, h.Actor("noor"), offers[0].ID); err != nil {
		t.Fatal(err)
	}
	after := jan.Get("/members")
	after.Says("Noor Hendriks", "Invoice matching: Editor")
	after.Hides("Open invitations")
}

func TestInvitationCanBeWithdrawn(t *testing.T) {
	h := newHub(t)
	inv, err := h.Members.Invite(h.Ctx, h.Actor("jan"), "noor@noorhendriks.example", []string{tenancy.Member}, "en")
	if err != nil {
		t.Fatal(err)
	}
	h.As("jan").Post("/members/invitations/" + inv.ID + "/withdraw").GoesTo("/members")
	h.As("jan").Get("/members").Hides("noor@noorhendriks.example")
	h.As("jan").Post("/members/invitations/" + inv.ID + "/withdraw").Wants(http.StatusNotFound)
}

func TestRolesByHandAreChangedAndThoseByConnectorStay(t *testing.T) {
	h := newHub(t)
	anna := "/members/" + h.ID("anna")
	h.As("jan").Post(anna+"/roles", "role", tenancy.Superuser).GoesTo(anna)
	one, err := h.Members.Get(h.Ctx, h.Actor("jan"), h.ID("anna"))
	if err != nil || !one.Has(tenancy.Superuser) || one.Has(tenancy.Member) || !one.Has(h.editor.ID) {
		t.Fatalf("Anna holds %v %v", one.Grants, err)
	}
	none := h.As("jan").Post(anna + "/roles")
	none.Wants(http.StatusUnprocessableEntity)
	none.Says("Choose at least one role in the organization.")
}

func TestMemberWithRolesByConnectorCannotBeRemovedByHand(t *testing.T) {
	h := newHub(t)
	remove := "/members/" + h.ID("anna") + "/remove"
	asked := h.As("jan").Get(remove)
	asked.Says("Anna Visser cannot be removed by hand", "Planners (group is “Planning-Editors”)")
	asked.Page(http.StatusOK).None("[action=" + remove + "]")
	refused := h.As("jan").Post(remove)
	refused.Wants(http.StatusConflict)
	refused.Says("They cannot be taken by hand.", "Planners")
	if _, err := h.Members.Get(h.Ctx, h.Actor("jan"), h.ID("anna")); err != nil {
		t.Errorf("Anna is gone: %v", err)
	}
}

func TestMemberIsRemovedAfterAsking(t *testing.T) {
	h := newHub(t)
	remove := "/members/" + h.ID("jan") + "/remove"
	marieke := h.As("marieke")
	marieke.Get(remove).Says("Jan-Willem Hoekstra loses every role in De Vries Production")
	marieke.Post(remove).GoesTo("/members")
	marieke.Get("/members").Says("Jan-Willem Hoekstra is no member any more.")
	if _, err := h.Members.Get(h.Ctx, h.Actor("marieke"), h.ID("jan")); models.KindOf(err) != models.NotFound {
		t.Errorf("Jan is still a member: %v", err)
	}
}

func TestLastSuperuserStays(t *testing.T) {
	h := newHub(t)
	sanne := "/members/" + h.ID("sanne")
	for path, fields := range map[string][]string{sanne + "/remove": nil, sanne + "/roles": {"role", tenancy.Member}} {
		refused := h.As("sanne").Post(path, fields...)
		refused.Wants(http.StatusConflict)
		refused.Says("This is the last superuser.")
	}
	one, err := h.Members.Get(h.Ctx, h.Actor("sanne"), h.ID("sanne"))
	if err != nil || !one.Has(tenancy.Superuser) {
		t.Errorf("Kade has no superuser any more: %v", err)
	}
}

func TestApplicationsAreTakenIntoAndOutOfUse(t *testing.T) {
	h := newHub(t)
	jan := h.As("jan")
	jan.Get("/applications").Says("Invoice matching", "Matches invoices", "Not in use here", "Transport planning")
	h.As("anna").Get("/applications").Hides("Transport planning")

	jan.Post("/applications/app_transport/enable").GoesTo("/applications")
	jan.Post("/applications/app_transport/enable").GoesTo("/applications") // a second click changes nothing
	h.As("anna").Get("/applications").Says("Transport planning")
	jan.Get("/applications/app_invoices/disable").Says("1 role stays")
	jan.Post("/applications/app_invoices/disable").GoesTo("/applications")
	h.As("anna").Get("/applications").Hides("Invoice matching")
	if on, off := h.Count(h.Production, event.ApplicationEnabled), h.Count(h.Production, event.ApplicationDisabled); on != 2 || off != 1 {
		t.Errorf("%d and %d events, want 2 and 1", on, off)
	}
}

func TestApplicationsCountEachHolderOnce(t *testing.T) {
	h := newHub(t)
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: h.Production.Company, OrganizationID: h.Production.Organization, ApplicationID: h.invoices.ID,
			AccountID: h.ID("anna"), RoleID: h.editor.ID, Source: tenancy.Manual}, "Anna Visser")
	})
	list, err := h.applications.List(h.Ctx, h.Actor("anna"))
	if err != nil || len(list) != 1 || list[0].Held != 1 || len(list[0].Mine) != 2 {
		t.Errorf("one person holds Editor from two sources, got %+v %v", list, err)
	}
}

func TestSettingsAreSaved(t *testing.T) {
	h := newHub(t)
	jan := h.As("jan")
	wrong := jan.Post("/organization/settings", "name", "", "hue", "9", "time_zone", "Mars/Olympus", "idle_hours", "many")
	page := wrong.Page(http.StatusUnprocessableEntity)
	if n := len(uitest.Inside(page.One("#errors"), "li")); n != 4 {
		t.Errorf("%d things are wrong, want 4", n)
	}
	jan.Post("/organization/settings", "name", "De Vries Productie", "hue", "4", "time_zone", "Europe/Brussels", "idle_hours", "8", "reason_required", "yes").GoesTo("/organization/settings")
	jan.Get("/organization/settings").Says("The settings are saved.")
	if now := h.Party(h.Production.Company, h.Production.Organization); now.Name != "De Vries Productie" || now.Hue != 4 || now.TimeZone != "Europe/Brussels" {
		t.Errorf("the organization is %+v", now)
	}
	if h.Party(h.Acceptance.Company, h.Acceptance.Organization).Name != "De Vries Acceptance" {
		t.Error("another organization changed with it")
	}
}
