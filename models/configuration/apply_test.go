package configuration

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

const many = `version: 1
platform:
  applications:
    - {key: planning, name: Planning, roles: [{key: viewer, default: true}, {key: driver, name: Driver, default: false}]}
    - {key: stock, name: Stock, roles: [{key: reader, name: Reader}, {key: editor, name: Editor, default: true}]}
  organization_roles:
    - {key: desk, permissions: [members.manage, applications.manage]}
    - {key: night, name: Night desk, permissions: [members.manage]}
  company_roles:
    - {key: auditor, name: Auditor, permissions: [company.view, company_activity.view]}
companies:
  - name: De Vries Logistiek
    settings: {ownership: additive, no_match: none}
    organizations:
      - {name: De Vries Production, idle_hours: 4, icon: boxes, visitors: {second_factor: true, sign_in_minutes: 60, own_sign_on: true, ticket_required: true, mail_needed: true, notify: digest}, applications: [stock]}
      - {name: De Vries Belgium, time_zone: Europe/Brussels, icon: house, reason_required: true, visitors: {approval: true, longest_days: 90, networks: [192.0.2.0/24]}, applications: [stock, planning]}
    domains:
      - {name: Devries.Example}
      - {name: devries-belgie.example}
    connectors:
      - name: Staff
        condition: {any: [{attribute: group, is: Staff}, {attribute: group, is: Crew, case_sensitive: true}]}
      - name: Belgium
        state: on
        target: {organization: De Vries Belgium, role: member}
        condition: {attribute: group, glob: "BE-*"}
      - name: Belgian stock
        state: on
        target: {organization: De Vries Belgium, application: stock, role: Editor}
        condition: {all: [{attribute: group, starts_with: BE-}, {not: {attribute: mail, exists: true}}]}
      - name: "Planners: \"NL\" & <BE>"
        remove: true
  - name: New company
    manager: {name: Ada Lovelace, email: ada@new.example}
    organizations: [{name: First, time_zone: Europe/Amsterdam, hue: 3}, {name: Second, time_zone: Europe/Paris}]
`

// A plan says the same as applying does, people included; afterwards there is
// nothing to do.
func TestApplyDoesWhatThePlanSays(t *testing.T) {
	each(t, func(v *town) {
		v.comesIn("anna", "Staff", "BE-1")
		v.comesIn("jan", "Crew")
		v.comesIn("ria", "BE-2")
		said, did := v.apply(many, false)
		if trimmed := withoutNotes(said); withoutNotes(did) != trimmed {
			t.Errorf("said\n%s\nand did\n%s", said, did)
		}
		v.wants(did, `+ application "stock"`, `~ application "planning"`, "name: Transport planning → Planning", `+ role "driver of Planning"`,
			`~ default role of "Stock"`, "default: Reader → Editor", `~ role "desk of organizations"`, `+ role "auditor of companies"`,
			"~ settings", "ownership: authoritative → additive", `~ organization "De Vries Production"`, "idle hours: 12 → 4",
			`+ organization "De Vries Belgium"`, "superuser: Marieke de Vries", `+ application in use "Stock in De Vries Belgium"`,
			`+ domain "devries-belgie.example"`, `~ connector "Staff"`, `case_sensitive: true`, `- connector "Planners: "NL" & <BE>"`,
			"People: 3 gain and 3 lose roles, of 3 known", "- Anna Visser: Editor of Planning in De Vries Production, Employee of the company",
			"+ Ria Smeets: Member of De Vries Belgium", `+ company "New company"`, "manager: Ada Lovelace <ada@new.example>")
		v.wants(said, `. left alone: organization "De Vries Acceptance"`, `. left alone: application in use "Planning in De Vries Production"`, `. left alone: connector "Managers"`)

		_, p := v.plan(many, false)
		if !p.Empty() {
			t.Errorf("there is still to do: %+v", p.Parts)
		}
	})
}

// withoutNotes leaves out what stands in a plan for parts without a change, and
// what is left alone.
func withoutNotes(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "  .") && !strings.HasPrefix(line, "  !") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// Applying twice does nothing the second time: no event, no version.
func TestApplyIsIdempotent(t *testing.T) {
	each(t, func(v *town) {
		v.comesIn("anna", "Staff", "BE-1")
		v.apply(many, false)
		events := len(v.events())
		versions := v.versions()
		said, did := v.apply(many, false)
		if after := len(v.events()); after != events {
			t.Errorf("%d events became %d", events, after)
		}
		if after := v.versions(); after != versions {
			t.Errorf("versions %s became %s", versions, after)
		}
		v.wants(said, "Nothing to change.")
		if did != "" {
			t.Errorf("did %s", did)
		}
	})
}

func (v *town) versions() (all string) {
	v.World.System(func(tx *store.Tx) error {
		list, err := provisioning.Load(tx, v.Production.Company)
		for _, c := range list {
			all += fmt.Sprintf("%s %d, ", c.Name, c.Version)
		}
		return err
	})
	return all
}

// Each event of applying says that it came by the command line, and who ran it.
func TestEventsSayWhoRanTheCommand(t *testing.T) {
	each(t, func(v *town) {
		before := len(v.events())
		v.comesIn("anna", "BE-1")
		known := map[string]bool{}
		for _, e := range v.events() {
			known[e.ID] = true
		}
		v.apply(many, false)
		kinds := map[string]int{}
		for _, e := range v.events() {
			if known[e.ID] {
				continue
			}
			kinds[e.Type]++
			var data map[string]any
			v.must(json.Unmarshal([]byte(e.Data), &data))
			if e.Channel != string(models.CLI) || data["operator"] != "root" || e.AccountID != "" || e.AccountName != "root" {
				t.Errorf("%s of %q by %q %q on %s: %s", e.Type, e.SubjectName, e.AccountID, e.AccountName, e.Channel, e.Data)
			}
		}
		for _, kind := range []string{event.ApplicationRegistered, event.ApplicationChanged, event.RoleRegistered, event.RoleChanged, event.CompanyChanged, event.CompanyCreated,
			event.OrganizationCreated, event.OrganizationChanged, event.ApplicationEnabled, event.DomainAdded, event.ConnectorCreated, event.ConnectorChanged,
			event.ConnectorDeleted, event.RoleGranted, event.AccountCreated} {
			if kinds[kind] == 0 {
				t.Errorf("no %s; there were %d events before, and then %v", kind, before, kinds)
			}
		}
	})
}

// A company that fails leaves nothing of itself, and those before it stand.
func TestEachCompanyIsOneTransaction(t *testing.T) {
	each(t, func(v *town) {
		failing := errors.New("a disk that is full")
		v.World.Store.React(event.DomainAdded, func(tx *store.Tx, about store.About) error {
			if about.Name == "kade.example" {
				return failing
			}
			return nil
		})
		d, p := v.plan(`version: 1
companies:
  - name: Zonneveld Bakkerijen
    settings: {no_match: keep}
    domains: [{name: zonneveld.example}]
  - name: Kade Consultants
    settings: {no_match: keep}
    organizations: [{name: Kade Two, time_zone: Europe/Amsterdam}]
    domains: [{name: kade.example}]
  - name: De Vries Logistiek
    settings: {no_match: keep}
`, false)
		var did strings.Builder
		err := v.Configuration.Apply(v.Ctx, d, p, &did)
		if !errors.Is(err, failing) || !strings.Contains(err.Error(), "Company Kade Consultants: nothing of it was applied") {
			t.Errorf("%v", err)
		}
		if !strings.Contains(did.String(), "Zonneveld") || strings.Contains(did.String(), "Kade") {
			t.Errorf("says it did\n%s", did.String())
		}
		for _, c := range []struct {
			company, noMatch       string
			domains, organizations int
		}{{v.Zonneveld.Company, "keep", 1, 1}, {v.Kade.Company, "default", 0, 1}, {v.Production.Company, "default", 1, 2}} {
			v.World.System(func(tx *store.Tx) error {
				var own tenancy.Company
				var domains []tenancy.Domain
				var organizations []tenancy.Organization
				if err := errors.Join(tx.Where("id = ?", c.company).Take(&own).Error, tx.Where("company_id = ?", c.company).Find(&domains).Error,
					tx.Where("company_id = ?", c.company).Find(&organizations).Error); err != nil {
					return err
				}
				if own.NoMatch != c.noMatch || len(domains) != c.domains || len(organizations) != c.organizations {
					t.Errorf("%s: %s, %d domains, %d organizations", own.Name, own.NoMatch, len(domains), len(organizations))
				}
				return nil
			})
		}
	})
}

// What was shown is what is done: when something changed meanwhile, nothing is.
func TestApplyRefusesAPlanThatIsOld(t *testing.T) {
	each(t, func(v *town) {
		const text = "version: 1\ncompanies: [{name: De Vries Logistiek, settings: {no_match: none}, connectors: [{name: Staff, note: New}]}]\n"
		d, p := v.plan(text, false)
		v.must(v.Companies.SetPolicy(v.Ctx, v.Actor("marieke"), policy(tenancy.Additive, tenancy.NoMatchKeep)))
		events := len(v.events())
		if err := v.Configuration.Apply(v.Ctx, d, p, &strings.Builder{}); !errors.Is(err, ErrChanged) {
			t.Errorf("%v", err)
		}
		if len(v.events()) != events {
			t.Error("something was done")
		}
	})
}

// The rules about the last ones hold here too, and the plan says so beforehand.
func TestTheLastManagerStays(t *testing.T) {
	each(t, func(v *town) {
		v.comesIn("marieke", "Staff")
		said, did := v.apply(`version: 1
companies:
  - name: De Vries Logistiek
    connectors:
      - {name: Managers, state: on, condition: {attribute: group, is: Nobody}}
`, false)
		v.wants(said, "= keeps, since nobody else has it: Marieke de Vries: Manager of the company")
		if withoutNotes(said) != withoutNotes(did) {
			t.Errorf("said\n%s\nand did\n%s", said, did)
		}
		if !v.Actor("marieke").May(models.ManageCompany) {
			t.Error("she is manager no more")
		}
	})
}

// The superuser that a new organization begins with counts in the plan: a
// connector that gives him nothing there does not leave it without one.
func TestTheFirstSuperuserOfANewOrganizationStays(t *testing.T) {
	each(t, func(v *town) {
		v.comesIn("marieke", "Staff")
		said, did := v.apply(`version: 1
companies:
  - name: De Vries Logistiek
    organizations: [{name: De Vries Sea, time_zone: Europe/Amsterdam}]
    connectors:
      - {name: Sea, state: "on", target: {organization: De Vries Sea, role: superuser}, condition: {attribute: group, is: Sea}}
`, false)
		v.wants(said, "= keeps, since nobody else has it: Marieke de Vries: Superuser of De Vries Sea")
		if withoutNotes(said) != withoutNotes(did) {
			t.Errorf("said\n%s\nand did\n%s", said, did)
		}
	})
}

// With prune, what the lists do not name goes, and nothing else.
func TestPrune(t *testing.T) {
	each(t, func(v *town) {
		const text = `version: 1
companies:
  - name: De Vries Logistiek
    organizations: [{name: De Vries Production, applications: []}]
    domains: []
    connections: []
    connectors: [{name: Staff}]
`
		said, _ := v.apply(text, false)
		v.wants(said, "Nothing to change.", `. left alone: domain "devries.example"`, `. left alone: connection "Sign-in"`)
		said, did := v.apply(text, true)
		v.wants(did, `- application in use "Transport planning in De Vries Production"`, `- domain "devries.example"`,
			`- connector "Managers"`, `- connector "Planners: "NL" & <BE>"`)
		v.wants(said, `. left alone: connection "Sign-in"`, `. left alone: organization "De Vries Acceptance"`)
		if strings.Contains(did, "Staff") || v.versions() != "Staff 1, " {
			t.Errorf("%s\n%s", did, v.versions())
		}
		// A list that is not there says nothing, also with prune.
		v.World.System(func(tx *store.Tx) error {
			tx.Actor.Effective = v.Production
			return tx.Within(v.Production.Company, func(tx *store.Tx) error {
				return tenancy.Enable(tx, v.Production.Organization, v.apps["planning"].ID)
			})
		})
		for _, silent := range []string{"{name: De Vries Logistiek}", "{name: De Vries Logistiek, organizations: [{name: De Vries Production}]}"} {
			if _, p := v.plan("version: 1\ncompanies: ["+silent+"]\n", true); !p.Empty() {
				t.Errorf("%s: %+v", silent, p)
			}
		}
	})
}

// With an id a name may be a new one.
func TestRenaming(t *testing.T) {
	each(t, func(v *town) {
		text, err := v.Export(v.Ctx, "De Vries Logistiek", Extent{IDs: true})
		v.must(err)
		renamed := strings.NewReplacer("name: De Vries Logistiek", "name: De Vries Group", "name: De Vries Production", "name: De Vries Live",
			"organization: De Vries Production", "organization: De Vries Live", "name: Sign-in", "name: Entra ID", "name: Staff", "name: Everybody").Replace(string(text))
		_, did := v.apply(renamed, false)
		v.wants(did, "name: De Vries Logistiek → De Vries Group", "name: De Vries Production → De Vries Live", "name: Sign-in → Entra ID", "name: Staff → Everybody")
		if strings.Contains(did, "+ ") || strings.Contains(did, "- ") {
			t.Errorf("more than names changed:\n%s", did)
		}
		if _, p := v.plan(renamed, true); !p.Empty() {
			t.Errorf("%+v", p)
		}
	})
}

func TestConnections(t *testing.T) {
	each(t, func(v *town) {
		v.files["idp/a.xml"] = file(metadata(t, "https://a.example"))
		document := func(more string) string {
			return "version: 1\ncompanies:\n  - name: De Vries Logistiek\n    connections:\n" + more
		}
		_, did := v.apply(document("      - {name: From a file, metadata: idp/a.xml, enabled: false, identity_attribute: oid, delimiters: {groups: \"|\"}}\n"), false)
		v.wants(did, `+ connection "From a file"`, "provider: https://a.example", "enabled: no", "identity attribute: oid", `delimiters: groups "|"`)
		f := federation.New(v.World.Store, v.World.Keys, nil)
		list, err := f.Connections(v.Ctx, v.Actor("marieke"))
		v.must(err)
		made := list[len(list)-1]
		if _, keys, err := f.Public(v.Ctx, made.ID); err != nil || len(keys) != 1 || made.Enabled {
			t.Errorf("%+v has %d keys: %v", made, len(keys), err)
		}
		v.files["idp/b.xml"] = file(metadata(t, "https://b.example"))
		_, did = v.apply(document("      - {name: From a file, metadata: idp/b.xml}\n"), false)
		v.wants(did, "provider: https://a.example → https://b.example")

		// Once somebody came in, the provider stays the same one.
		v.World.System(func(tx *store.Tx) error {
			return tx.Model(&federation.Connection{}).Where("id = ?", made.ID).Update("last_success_at", models.At(tx.Now())).Error
		})
		if lines := v.wrong(document("      - {name: From a file, metadata: idp/a.xml}\n")); len(lines) != 1 || !strings.Contains(lines[0], "plan.yaml:5:39: sso.error.other_provider") {
			t.Errorf("%q", lines)
		}
		// With an address, what it says counts.
		_, did = v.apply(document("      - {name: From a file, metadata: idp/a.xml, metadata_url: https://b.example/metadata}\n"), false)
		v.wants(did, "metadata address: (nothing) → https://b.example/metadata")
		if strings.Contains(did, "provider") {
			t.Errorf("the provider changed:\n%s", did)
		}
	})
}

// Single sign-on is required only of a verified domain of which a manager came
// in; the plan says so, and nothing is written.
func TestRequiringSingleSignOn(t *testing.T) {
	each(t, func(v *town) {
		const text = "version: 1\ncompanies:\n  - name: De Vries Logistiek\n    domains:\n      - name: devries.example\n        verified: true\n        require_sso: true\n"
		if lines := v.wrong(text); len(lines) != 1 || !strings.HasPrefix(lines[0], "plan.yaml:7:22: domain.error.not_verified") {
			t.Errorf("%q", lines)
		}
		v.World.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Domain{}).Where("name = ?", "devries.example").Updates(map[string]any{"verified_at": models.At(tx.Now()), "verified_by": "dns"}).Error
		})
		if lines := v.wrong(text); len(lines) != 1 || !strings.HasPrefix(lines[0], "plan.yaml:7:22: domain.error.sso_untested") {
			t.Errorf("%q", lines)
		}
		list, err := federation.New(v.World.Store, v.World.Keys, nil).Connections(v.Ctx, v.Actor("marieke"))
		v.must(err)
		v.World.System(func(tx *store.Tx) error {
			now := models.At(tx.Now())
			return tx.Create(&federation.Identity{LastSignInAt: &now, CompanyID: v.Production.Company, ConnectionID: list[0].ID, EntityID: "x", NameID: "y", AccountID: v.ID("marieke"),
				CreatedAt: now}).Error
		})
		_, did := v.apply(text, false)
		v.wants(did, "require single sign-on: no → yes")
	})
}

// signedIn lets the manager come in through a connection, under a verified
// domain that requires single sign-on.
func (v *town) signedIn(connection string) {
	v.T.Helper()
	v.World.System(func(tx *store.Tx) error {
		now := models.At(tx.Now())
		err := tx.Model(&tenancy.Domain{}).Where("name = ?", "devries.example").Updates(map[string]any{"verified_at": now, "verified_by": "dns", "sso_required": true}).Error
		if err != nil {
			return err
		}
		return tx.Create(&federation.Identity{LastSignInAt: &now, CompanyID: v.Production.Company, ConnectionID: connection, EntityID: "x", NameID: "y", AccountID: v.ID("marieke"),
			CreatedAt: now}).Error
	})
}

// The plan says what applying would refuse at the end: to switch off the last
// connection under a domain that requires single sign-on.
func TestThePlanForetellsThatTheLastConnectionStaysOn(t *testing.T) {
	each(t, func(v *town) {
		f := federation.New(v.World.Store, v.World.Keys, nil)
		list, err := f.Connections(v.Ctx, v.Actor("marieke"))
		v.must(err)
		v.signedIn(list[0].ID)
		v.files["b.xml"] = file(metadata(t, "https://b.example"))
		document := func(domains, more string) string {
			return "version: 1\ncompanies:\n  - name: De Vries Logistiek\n" + domains + "    connections:\n" + more
		}
		const off = "      - {name: Sign-in, enabled: false}\n"
		for _, text := range []string{
			document("", off),
			document("", "      - {name: Another, metadata: b.xml}\n"+off), // through which nobody came in
			document("    domains:\n      - {name: devries.example}\n", off),
		} {
			at := strings.Count(text[:strings.Index(text, off)], "\n") + 1
			lines := v.wrong(text)
			if want := fmt.Sprintf("plan.yaml:%d:34: federation.error.required Name=devries.example", at); len(lines) != 1 || lines[0] != want {
				t.Errorf("told is %q, and not %q", lines, want)
			}
		}
		for _, domain := range []string{"{name: devries.example, require_sso: false}", "{name: devries.example, remove: true}"} {
			if _, p := v.plan(document("    domains:\n      - "+domain+"\n", off), false); len(p.Parts[0].Changes) != 2 {
				t.Errorf("%s: %+v", domain, p)
			}
		}
		if _, p := v.plan(document("    domains: []\n", off), true); len(p.Parts[0].Changes) != 2 {
			t.Errorf("a pruned domain: %+v", p)
		}
		// What the plan lets through is what applying does.
		_, did := v.apply(document("    domains:\n      - {name: devries.example, require_sso: false}\n", off), false)
		v.wants(did, "require single sign-on: yes → no", "enabled: yes → no")
	})
}

// And to recognize people by something else who came in already.
func TestThePlanForetellsThatPeopleStayRecognized(t *testing.T) {
	each(t, func(v *town) {
		const text = "version: 1\ncompanies:\n  - name: De Vries Logistiek\n    connections:\n      - name: Sign-in\n        identity_attribute: oid\n"
		if _, p := v.plan(text, false); len(p.Parts[0].Changes) != 1 {
			t.Errorf("nobody came in yet: %+v", p)
		}
		f := federation.New(v.World.Store, v.World.Keys, nil)
		list, err := f.Connections(v.Ctx, v.Actor("marieke"))
		v.must(err)
		v.signedIn(list[0].ID)
		lines := v.wrong(text)
		if len(lines) != 1 || lines[0] != "plan.yaml:6:29: federation.error.known_otherwise" {
			t.Errorf("%q", lines)
		}
		if _, p := v.plan(strings.Replace(text, "oid", `""`, 1), false); !p.Empty() {
			t.Errorf("what stays is told: %+v", p)
		}
	})
}

// Applying never verifies a domain, whatever the document says.
func TestApplyingVerifiesNothing(t *testing.T) {
	each(t, func(v *town) {
		said, _ := v.apply("version: 1\ncompanies: [{name: De Vries Logistiek, domains: [{name: devries.example, verified: true}, {name: other.example, verified: true}]}]\n", false)
		v.wants(said, `! the domain "devries.example" is not verified here`, `! the domain "other.example" has to be verified`)
		v.World.System(func(tx *store.Tx) error {
			var verified int64
			err := tx.Model(&tenancy.Domain{}).Where("verified_at IS NOT NULL").Count(&verified).Error
			if verified != 0 {
				t.Errorf("%d are verified", verified)
			}
			return err
		})
	})
}
