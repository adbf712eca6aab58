package company

import (
	"context"
	"strconv"

	"locum/models"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// FamilyForm is what the page of a family of roles shows: a new one, or with an
// id one that is there.
type FamilyForm struct {
	Family   tenancy.Family
	Registry tenancy.Registry
	Places   map[string]int // of a new one: by role, its place, and 0 for none
	Joins    string         // of one that is there: the role chosen to join
	Wrong    models.FieldErrors
}

func (f FamilyForm) title(ctx context.Context) string {
	switch {
	case f.Family.ID != "":
		return i18n.T(ctx, "company.family.named", "Name", f.Registry.Families[f.Family.ID].Name)
	case f.Family.Level == models.CompanyLevel:
		return i18n.T(ctx, "company.family.new_company")
	case f.Family.Level == models.OrganizationLevel:
		return i18n.T(ctx, "company.family.new_organization")
	}
	return i18n.T(ctx, "company.family.new_application", "Name", f.Registry.Applications[f.Family.ApplicationID].Name)
}

func (f FamilyForm) address() string {
	if f.Family.ID == "" {
		return "/platform/families/new"
	}
	return "/platform/families/" + f.Family.ID
}

// roles are those of the family, in order.
func (f FamilyForm) roles() []tenancy.Role { return f.Registry.InFamily(f.Family.ID) }

// free are the roles of the level or the application that are in no family.
func free(reg tenancy.Registry, level models.Level, application string) (roles []tenancy.Role) {
	for _, r := range reg.At(level, application) {
		if r.FamilyID == "" {
			roles = append(roles, r)
		}
	}
	return roles
}

func (f FamilyForm) free() []tenancy.Role {
	return free(f.Registry, f.Family.Level, f.Family.ApplicationID)
}

// places are the choices of a role's place in a new family.
func (f FamilyForm) places(ctx context.Context) []ui.Option {
	options := []ui.Option{{Value: "0", Label: i18n.T(ctx, "company.family.outside")}}
	for i := range f.free() {
		options = append(options, ui.Option{Value: strconv.Itoa(i + 1), Label: i18n.T(ctx, "company.family.place", "Place", i+1)})
	}
	return options
}

// joining are the roles that can join.
func (f FamilyForm) joining(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "company.registry.choose")}}
	for _, r := range f.free() {
		options = append(options, ui.Option{Value: r.ID, Label: i18n.Role(ctx, r.Name)})
	}
	return options
}

// familyText says which of a family's roles somebody has.
func familyText(ctx context.Context, roles []tenancy.Role) string {
	if len(roles) < tenancy.MinFamily {
		return i18n.T(ctx, "company.family.lonely")
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = i18n.Role(ctx, r.Name)
	}
	return i18n.T(ctx, "company.family.text", "List", names)
}

// families are those of the level.
func (r Roles) families(l level) []tenancy.Family {
	return r.Registry.FamiliesAt(l.at, l.application)
}

// newFamily is the address of the form of another family; empty where too few
// roles are left for one.
func (r Roles) newFamily(l level) string {
	if !r.Operates || len(free(r.Registry, l.at, l.application)) < tenancy.MinFamily {
		return ""
	}
	address := "/platform/families/new?level=" + string(l.at)
	if l.application != "" {
		address += "&application=" + l.application
	}
	return address
}
