package scim_test

import (
	"encoding/json"
	"slices"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/webhook"
)

// application registers one with a role, and a rule that gives the role to
// everybody of a group.
func (h *hub) application(key, group string) tenancy.Application {
	h.t.Helper()
	app := tenancy.Application{ID: "app_" + key, Key: key, Name: key, CreatedAt: models.At(h.Now())}
	role := tenancy.Role{ID: "rol_of_" + key, Level: models.ApplicationLevel, ApplicationID: app.ID, Key: key + "-user", Name: key, Permissions: "[]", CreatedAt: app.CreatedAt}
	h.System(func(tx *store.Tx) error {
		if err := tx.Create(&app).Error; err != nil {
			return err
		}
		return tx.Create(&role).Error
	})
	h.must(tenancy.NewApplications(h.Store).Enable(h.Ctx, h.Actor("jan"), app.ID))
	_, err := h.connectors.Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: group + " in " + key, State: provisioning.On, Role: role.ID,
		Target:    provisioning.Target{Level: models.ApplicationLevel, Organization: h.Production.Organization, Application: app.ID},
		Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: group}}, provisioning.Publishing{Confirmed: 1000, Leave: provisioning.RevokeRoles})
	h.must(err)
	return app
}

// From the request of a directory's client to the body that is posted: each
// receiver reads the roles of its own application, and who receives for none those
// of the company.
func TestReceiversAreToldTheRolesOfTheirApplication(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		hooks, err := webhook.New(h.Store, h.Keys)
		h.must(err)
		h.rule("Planners", tenancy.Member)
		h.rule("Cashiers", tenancy.Member)
		plan, till := h.application("plan", "Planners"), h.application("till", "Cashiers")
		endpoint := map[string]string{}
		for _, application := range []string{"", plan.ID, till.ID} {
			e, _, err := hooks.Make(h.Ctx, h.Actor("marieke"), webhook.OfCompany,
				webhook.Draft{URL: "https://hooks.example/x", ApplicationID: application, Types: []string{"organization.directory"}})
			h.must(err)
			endpoint[application] = e.ID
		}
		// told is what an endpoint is posted of users, the oldest first.
		told := func(application string) (list []publication) {
			h.must(hooks.Follow(h.Ctx))
			h.System(func(tx *store.Tx) error {
				var rows []webhook.Delivery
				err := tx.Where("endpoint_id = ? AND type LIKE ?", endpoint[application], "organization.directory.user_%").Order("position").Find(&rows).Error
				for _, row := range rows {
					var p publication
					if err := json.Unmarshal([]byte(row.Body), &p); err != nil {
						return err
					}
					list = append(list, p)
				}
				return err
			})
			return list
		}
		last := func(what string, n int, want map[string][]string) {
			t.Helper()
			for application, roles := range want {
				list := told(application)
				if len(list) != n {
					t.Fatalf("%s: %q was told of %d changes, not of %d", what, application, len(list), n)
				}
				if got := list[n-1].roleNames(); !slices.Equal(got, roles) {
					t.Errorf("%s: %q reads %q instead of %q", what, application, got, roles)
				}
			}
		}
		bo := h.user("bo")
		last("created", 1, map[string][]string{"": {"employee"}, plan.ID: nil, till.ID: nil})
		planners := h.group("Planners", bo)
		last("a planner", 2, map[string][]string{"": {"employee"}, plan.ID: {"plan-user"}, till.ID: nil})
		cashiers := h.group("Cashiers", bo)
		last("both", 3, map[string][]string{"": {"employee"}, plan.ID: {"plan-user"}, till.ID: {"till-user"}})
		h.wants(204, "DELETE", "/Groups/"+planners, "")
		last("the group is deleted", 4, map[string][]string{"": {"employee"}, plan.ID: nil, till.ID: {"till-user"}})
		h.renamed(cashiers, "Tills")
		h.wants(204, "PATCH", "/Groups/"+cashiers, patch(`{"op":"remove","path":"members[value eq \"`+bo+`\"]"}`))
		last("removed from it", 5, map[string][]string{"": {"employee"}, plan.ID: nil, till.ID: nil})
		h.deactivate(bo)
		last("deactivated", 6, map[string][]string{"": nil, plan.ID: nil, till.ID: nil})
		if list := told(till.ID); list[5].Data.Active || list[0].Type != event.DirectoryUserCreated || list[0].OrganizationID != h.Production.Company {
			t.Errorf("%+v", list)
		}
	})
}
