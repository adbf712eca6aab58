package scim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// publication is the body of an event of a directory as receivers read it.
type publication struct {
	Type           string
	OrganizationID string `json:"organization_id"`
	Data           event.DirectoryUser
}

// roleNames are the roles as a receiver reads them: roles[0].role_name.
func (p publication) roleNames() (names []string) {
	for _, r := range p.Data.Roles {
		names = append(names, r.Name)
	}
	return names
}

// since are the events of a directory's users behind a position, with what the
// trail alone holds of each, and the new position.
func (h *hub) since(position int64) (list []publication, trail []map[string]any, head int64) {
	h.t.Helper()
	var rows []store.Event
	h.System(func(tx *store.Tx) error {
		return tx.Where("company_id = ? AND position > ?", h.Production.Company, position).Order("position").Find(&rows).Error
	})
	for _, row := range rows {
		head = row.Position
		if !strings.HasPrefix(row.Type, "organization.directory.user_") {
			continue
		}
		body, err := feed.Body(row, feed.Names{Environment: "env_1"})
		h.must(err)
		var p publication
		h.must(json.Unmarshal(body, &p))
		var data map[string]any
		h.must(json.Unmarshal([]byte(row.Data), &data))
		list, trail = append(list, p), append(trail, data)
	}
	return list, trail, max(head, position)
}

// companyRule gives everybody of a group a role in the company.
func (h *hub) companyRule(group, role string) {
	h.t.Helper()
	_, err := h.connectors.Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: group, State: provisioning.On, Role: role,
		Target:    provisioning.Target{Level: models.CompanyLevel},
		Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: group}},
		provisioning.Publishing{Confirmed: 1000, Leave: provisioning.RevokeRoles})
	h.must(err)
}

func TestAUserIsPublishedWithWhatHisChangeGaveHim(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.companyRule("Heads", tenancy.Manager)
		_, _, at := h.since(0)
		bo := h.wants(201, "POST", "/Users", `{"userName":"bo@devries.example","externalId":"00u1","displayName":"Bo Jansen","name":{"givenName":"Bo","familyName":"Jansen"},
			"password":"hush-hush","emails":[{"value":"Bo@devries.example","type":"work"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Bakery"},"shoe":"44"}`).id()
		list, _, at := h.since(at)
		if len(list) != 1 || list[0].Type != event.DirectoryUserCreated || list[0].OrganizationID != h.Production.Company {
			t.Fatalf("%+v", list)
		}
		u := list[0].Data
		if u.ID != bo || u.OrganizationID != h.Production.Company || u.ProviderID != "00u1" || u.PreferredUsername != "bo@devries.example" || u.Email != "Bo@devries.example" ||
			!u.Active || u.Name != "Bo Jansen" || u.GivenName != "Bo" || u.FamilyName != "Jansen" || len(u.Groups) != 0 ||
			u.CustomAttributes["department"] != "Bakery" || u.CustomAttributes["shoe"] != "44" || len(u.CustomAttributes) != 2 || u.RawAttributes["displayName"] != "Bo Jansen" {
			t.Errorf("%+v", u)
		}
		if raw, _ := json.Marshal(u); strings.Contains(string(raw), "hush") {
			t.Errorf("a password is published: %s", raw)
		}
		if got := list[0].roleNames(); !slices.Equal(got, []string{"employee"}) {
			t.Errorf("he is created with %q", got)
		}
		group := h.group("Heads")
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"Add","path":"members","value":[{"value":"`+bo+`"}]}`))
		list, trail, at := h.since(at)
		if len(list) != 1 || list[0].Type != event.DirectoryUserUpdated || !slices.Equal(list[0].Data.Groups, []event.DirectoryGroup{{ID: group, Name: "Heads"}}) {
			t.Fatalf("%+v", list)
		}
		if got := list[0].roleNames(); len(got) == 0 || got[0] != "manager" {
			t.Errorf("the receiver reads %q", got)
		}
		if before, _ := json.Marshal(trail[0]["previous_attributes"]); !strings.Contains(string(before), `"employee"`) || strings.Contains(string(before), "manager") {
			t.Errorf("before he held %s", before)
		}
		// One event of a change, and none where nothing changed.
		h.wants(200, "PATCH", "/Users/"+bo, patch(`{"op":"replace","path":"title","value":"Baker"}`))
		h.wants(200, "PATCH", "/Users/"+bo, patch(`{"op":"replace","path":"title","value":"Baker"}`))
		if list, _, at = h.since(at); len(list) != 1 || list[0].Data.RawAttributes["title"] != "Baker" {
			t.Fatalf("%+v", list)
		}
		h.wants(200, "PATCH", "/Users/"+bo, patch(`{"op":"replace","path":"active","value":false}`))
		if list, _, at = h.since(at); len(list) != 1 || list[0].Data.Active || len(list[0].Data.Roles) != 0 {
			t.Fatalf("%+v", list)
		}
		h.wants(204, "DELETE", "/Users/"+bo, "")
		if list, _, _ = h.since(at); len(list) != 1 || list[0].Type != event.DirectoryUserDeleted || list[0].Data.Active || len(list[0].Data.Groups) != 0 {
			t.Fatalf("%+v", list)
		}
	})
}

func TestAGroupDeletionPublishesEachMemberWhoseRolesChanged(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.directories.DecideAtOnce(2)
		h.rule("Editors", tenancy.Member)
		h.rule("Readers", tenancy.Member)
		a, b, c := h.user("a"), h.user("b"), h.user("c")
		group := h.group("Editors", a, b, c)
		h.group("Readers", b) // who keeps what he has
		h.must(h.directories.Advance(h.Ctx))
		_, _, at := h.since(0)
		h.wants(204, "DELETE", "/Groups/"+group, "")
		h.must(h.directories.Advance(h.Ctx)) // for the third
		list, _, _ := h.since(at)
		var told []string
		for _, p := range list {
			if p.Type != event.DirectoryUserUpdated {
				t.Errorf("%s of %s", p.Type, p.Data.PreferredUsername)
			}
			told = append(told, p.Data.ID)
		}
		slices.Sort(told)
		want := []string{a, c}
		slices.Sort(want)
		if !slices.Equal(told, want) {
			t.Errorf("%q were published instead of %q", told, want)
		}
		if n := h.events(event.DirectoryGroupDeleted); n != 1 {
			t.Errorf("%d events tell of the group", n)
		}
	})
}

// Whatever changes the roles of somebody whom a directory knows, receivers of the
// directory's events hear of it: here a connector, and a role in an application.
func TestAUserIsPublishedWhenAConnectorChangesHisRoles(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		bo := h.user("bo")
		h.group("Planners", bo)
		app := tenancy.Application{ID: "app_plan", Key: "plan", Name: "Planning", CreatedAt: models.At(h.Now())}
		role := tenancy.Role{ID: "rol_planner", Level: models.ApplicationLevel, ApplicationID: app.ID, Key: "planner", Name: "Planner", Permissions: "[]", CreatedAt: app.CreatedAt}
		h.System(func(tx *store.Tx) error {
			if err := tx.Create(&app).Error; err != nil {
				return err
			}
			return tx.Create(&role).Error
		})
		h.must(tenancy.NewApplications(h.Store).Enable(h.Ctx, h.Actor("jan"), app.ID))
		h.rule("Planners", tenancy.Member)
		_, _, at := h.since(0)
		_, err := h.connectors.Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: "Planners in the application", State: provisioning.On, Role: role.ID,
			Target:    provisioning.Target{Level: models.ApplicationLevel, Organization: h.Production.Organization, Application: app.ID},
			Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: "Planners"}}, provisioning.Publishing{Confirmed: 1000, Leave: provisioning.RevokeRoles})
		h.must(err)
		list, trail, _ := h.since(at)
		if len(list) != 1 || list[0].Data.ID != bo || !slices.Equal(list[0].roleNames(), []string{"employee"}) {
			t.Fatalf("%+v", list)
		}
		by, _ := trail[0][event.RolesByApplication].(map[string]any)
		if got, _ := by[app.ID].([]any); len(got) != 1 || got[0].(map[string]any)["role_name"] != role.Key {
			t.Errorf("in the application he holds %v", by)
		}
	})
}
