package company

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/company"
)

// mountRegistry registers the operators' pages of roles and applications.
func (p *Pages) mountRegistry(app *web.App) {
	operators := func(pattern string, handle web.Handler) { app.With(models.OperatePlatform, pattern, handle) }
	operators("GET /platform/roles", p.registry)
	operators("GET /platform/roles/new", p.newRole)
	operators("POST /platform/roles/new", p.registerRole)
	operators("GET /platform/roles/{role}", p.role)
	operators("POST /platform/roles/{role}", p.editRole)
	operators("POST /platform/roles/{role}/default", p.makeDefault)
	operators("GET /platform/roles/{role}/delete", p.askDeleteRole)
	operators("POST /platform/roles/{role}/delete", p.deleteRole)
	operators("GET /platform/applications", p.applications)
	operators("GET /platform/applications/new", p.newApplication)
	operators("POST /platform/applications/new", p.registerApplication)
	operators("GET /platform/applications/{application}/edit", p.applicationForm)
	operators("POST /platform/applications/{application}/edit", p.editApplication)
}

func (p *Pages) registry(r *web.Request) (web.Response, error) {
	page := views.Roles{Operates: true}
	var err error
	if page.Registry, err = p.Companies.Registry(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Held, err = p.Companies.Holdings(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RolesPage(page)), nil
}

// typed is the form of a role as it was sent.
func typed(r *web.Request) (role tenancy.Role, permissions []models.Permission) {
	role = tenancy.Role{Key: r.FormValue("key"), Name: r.FormValue("name"), Description: r.FormValue("description"), NotForVisitors: r.FormValue("not_for_visitors") != ""}
	for _, p := range r.PostForm["permission"] {
		permissions = append(permissions, models.Permission(p))
	}
	return role, permissions
}

func (p *Pages) newRole(r *web.Request) (web.Response, error) {
	q := r.URL.Query()
	form := views.RoleForm{Role: tenancy.Role{Level: models.Level(q.Get("level")), ApplicationID: q.Get("application")}}
	return p.roleForm(r, form)
}

func (p *Pages) registerRole(r *web.Request) (web.Response, error) {
	form := views.RoleForm{}
	form.Role, form.Permissions = typed(r)
	form.Role.Level, form.Role.ApplicationID = models.Level(r.FormValue("level")), r.FormValue("application")
	made, err := p.Companies.RegisterRole(r.Context(), r.Actor, form.Role, form.Permissions...)
	if wrong, ok := web.Wrong(err); ok {
		form.Wrong = wrong
		return p.roleForm(r, form)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/roles", "company.registry.registered", "Name", made.Name), nil
}

// roleForm shows the form of a role. A place where no role can stand does not
// exist.
func (p *Pages) roleForm(r *web.Request, form views.RoleForm) (web.Response, error) {
	reg, err := p.Companies.Registry(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	app, there := reg.Applications[form.Role.ApplicationID]
	switch form.Role.Level {
	case models.CompanyLevel, models.OrganizationLevel:
		there = form.Role.ApplicationID == ""
	case models.ApplicationLevel:
	default:
		there = false
	}
	if !there {
		return web.Response{}, models.Unknown()
	}
	form.Application = app.Name
	if form.Wrong != nil {
		return web.Invalid(views.RolePage(form)), nil
	}
	return web.Page(views.RolePage(form)), nil
}

// existing is the form of a role that is in the registry, with its use.
func (p *Pages) existing(r *web.Request) (form views.RoleForm, err error) {
	if form.Use, err = p.roleUse(r); err != nil {
		return form, err
	}
	form.Role = form.Use.Role
	form.Permissions = form.Role.Allows()
	return form, nil
}

// roleUse reads all that hangs on the role of an address.
func (p *Pages) roleUse(r *web.Request) (use *views.RoleUse, err error) {
	use = &views.RoleUse{}
	id := r.PathValue("role")
	if use.RoleUse, err = p.Companies.Use(r.Context(), r.Actor, id); err != nil {
		return nil, err
	}
	if use.Delegations, err = p.Delegations.UsingRole(r.Context(), r.Actor, id); err != nil {
		return nil, err
	}
	use.Connectors, err = p.Connectors.UsingRole(r.Context(), r.Actor, id)
	return use, err
}

func (p *Pages) role(r *web.Request) (web.Response, error) {
	form, err := p.existing(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.roleForm(r, form)
}

func (p *Pages) editRole(r *web.Request) (web.Response, error) {
	form, err := p.existing(r)
	if err != nil {
		return web.Response{}, err
	}
	said, permissions := typed(r)
	form.Role.Name, form.Role.Description, form.Role.NotForVisitors, form.Permissions = said.Name, said.Description, said.NotForVisitors, permissions
	err = p.Companies.EditRole(r.Context(), r.Actor, form.Role, permissions...)
	if wrong, ok := web.Wrong(err); ok {
		form.Wrong = wrong
		return p.roleForm(r, form)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/roles", "company.registry.changed", "Name", form.Role.Name, "People", r.Locale.N("company.registry.people", form.Use.Holding.People)), nil
}

func (p *Pages) makeDefault(r *web.Request) (web.Response, error) {
	if err := p.Companies.MakeDefault(r.Context(), r.Actor, r.PathValue("role")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/roles", "company.registry.default"), nil
}

func (p *Pages) askDeleteRole(r *web.Request) (web.Response, error) {
	use, err := p.roleUse(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.DeleteRolePage(views.RoleDeletion{RoleUse: *use})), nil
}

func (p *Pages) deleteRole(r *web.Request) (web.Response, error) {
	use, err := p.roleUse(r)
	if err != nil {
		return web.Response{}, err
	}
	with := r.FormValue("with")
	err = p.Companies.DeleteRole(r.Context(), r.Actor, r.PathValue("role"), with)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.DeleteRolePage(views.RoleDeletion{RoleUse: *use, With: with, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/roles", "company.registry.deleted", "Name", use.Role.Name), nil
}

func (p *Pages) applications(r *web.Request) (web.Response, error) {
	reg, err := p.Companies.Registry(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	known, err := p.Clients.All(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ApplicationsPage(views.Applications{Registry: reg, Clients: known})), nil
}

func (p *Pages) newApplication(r *web.Request) (web.Response, error) {
	return web.Page(views.ApplicationPage(views.ApplicationForm{Application: tenancy.Application{Icon: views.AppIcons[0]}})), nil
}

func (p *Pages) registerApplication(r *web.Request) (web.Response, error) {
	form := views.ApplicationForm{Application: tenancy.Application{Key: r.FormValue("key")}}
	describe(r, &form.Application)
	made, err := p.Companies.RegisterApplication(r.Context(), r.Actor, form.Application)
	if wrong, ok := web.Wrong(err); ok {
		form.Wrong = wrong
		return web.Invalid(views.ApplicationPage(form)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/roles/new?level=application&application="+made.ID, "company.registry.application", "Name", made.Name), nil
}

// theApplication is the one of an address.
func (p *Pages) theApplication(r *web.Request) (form views.ApplicationForm, err error) {
	reg, err := p.Companies.Registry(r.Context(), r.Actor)
	if err != nil {
		return form, err
	}
	app, there := reg.Applications[r.PathValue("application")]
	if !there {
		return form, models.Unknown()
	}
	return views.ApplicationForm{Application: app}, nil
}

func (p *Pages) applicationForm(r *web.Request) (web.Response, error) {
	form, err := p.theApplication(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ApplicationPage(form)), nil
}

func (p *Pages) editApplication(r *web.Request) (web.Response, error) {
	form, err := p.theApplication(r)
	if err != nil {
		return web.Response{}, err
	}
	describe(r, &form.Application)
	err = p.Companies.EditApplication(r.Context(), r.Actor, form.Application)
	if wrong, ok := web.Wrong(err); ok {
		form.Wrong = wrong
		return web.Invalid(views.ApplicationPage(form)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(applicationAddress(form.Application.ID), "company.registry.application_changed", "Name", form.Application.Name), nil
}

// describe takes what the form says of an application, but for its key.
func describe(r *web.Request, app *tenancy.Application) {
	app.Name, app.Description, app.Icon = r.FormValue("name"), r.FormValue("description"), r.FormValue("icon")
}
