package company

import (
	"cmp"
	"slices"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/company"
)

// mountFamilies registers the operators' pages of families of roles.
func (p *Pages) mountFamilies(app *web.App) {
	operators := func(pattern string, handle web.Handler) { app.With(models.OperatePlatform, pattern, handle) }
	operators("GET /platform/families/new", p.newFamily)
	operators("POST /platform/families/new", p.registerFamily)
	operators("GET /platform/families/{family}", p.family)
	operators("POST /platform/families/{family}", p.renameFamily)
	operators("POST /platform/families/{family}/roles", p.arrangeFamily)
	operators("GET /platform/families/{family}/delete", p.askDeleteFamily)
	operators("POST /platform/families/{family}/delete", p.deleteFamily)
}

func (p *Pages) newFamily(r *web.Request) (web.Response, error) {
	q := r.URL.Query()
	form := views.FamilyForm{Family: tenancy.Family{Level: models.Level(q.Get("level")), ApplicationID: q.Get("application")}}
	return p.familyForm(r, form)
}

func (p *Pages) registerFamily(r *web.Request) (web.Response, error) {
	form := views.FamilyForm{Places: map[string]int{}}
	form.Family = tenancy.Family{Level: models.Level(r.FormValue("level")), ApplicationID: r.FormValue("application"), Name: r.FormValue("name")}
	reg, err := p.Companies.Registry(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	var roles []string
	for _, role := range reg.At(form.Family.Level, form.Family.ApplicationID) {
		if place, err := strconv.Atoi(r.PostForm.Get("place." + role.ID)); err == nil && place > 0 {
			form.Places[role.ID] = place
			roles = append(roles, role.ID)
		}
	}
	// Of two at the same place the one that the registry lists first goes first.
	slices.SortStableFunc(roles, func(a, b string) int { return cmp.Compare(form.Places[a], form.Places[b]) })
	made, err := p.Companies.RegisterFamily(r.Context(), r.Actor, form.Family, roles)
	if wrong, ok := web.Wrong(err); ok {
		form.Wrong = wrong
		return p.familyForm(r, form)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/families/"+made.ID, "company.family.registered", "Name", made.Name), nil
}

// familyForm shows the form of a family. A place where no role can stand does
// not exist.
func (p *Pages) familyForm(r *web.Request, form views.FamilyForm) (web.Response, error) {
	var err error
	if form.Registry, err = p.Companies.Registry(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if len(form.Registry.At(form.Family.Level, form.Family.ApplicationID)) == 0 {
		return web.Response{}, models.Unknown()
	}
	if form.Wrong != nil {
		return web.Invalid(views.FamilyPage(form)), nil
	}
	return web.Page(views.FamilyPage(form)), nil
}

// theFamily is the one of an address.
func (p *Pages) theFamily(r *web.Request) (form views.FamilyForm, err error) {
	if form.Registry, err = p.Companies.Registry(r.Context(), r.Actor); err != nil {
		return form, err
	}
	family, there := form.Registry.Families[r.PathValue("family")]
	if !there {
		return form, models.Unknown()
	}
	form.Family = family
	return form, nil
}

func (p *Pages) family(r *web.Request) (web.Response, error) {
	form, err := p.theFamily(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.familyForm(r, form)
}

func (p *Pages) renameFamily(r *web.Request) (web.Response, error) {
	form, err := p.theFamily(r)
	if err != nil {
		return web.Response{}, err
	}
	form.Family.Name = r.FormValue("name")
	err = p.Companies.RenameFamily(r.Context(), r.Actor, form.Family.ID, form.Family.Name)
	if wrong, ok := web.Wrong(err); ok {
		form.Wrong = wrong
		return p.familyForm(r, form)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/families/"+form.Family.ID, "company.family.renamed", "Name", form.Family.Name), nil
}

// arrangeFamily carries out the button that was pressed. What it moved is where
// the reader goes on.
func (p *Pages) arrangeFamily(r *web.Request) (web.Response, error) {
	form, err := p.theFamily(r)
	if err != nil {
		return web.Response{}, err
	}
	id, back := form.Family.ID, "/platform/families/"+form.Family.ID
	switch {
	case r.PostForm.Has("up"):
		back += "#" + r.PostForm.Get("up")
		err = p.Companies.MoveInFamily(r.Context(), r.Actor, id, r.PostForm.Get("up"), true)
	case r.PostForm.Has("down"):
		back += "#" + r.PostForm.Get("down")
		err = p.Companies.MoveInFamily(r.Context(), r.Actor, id, r.PostForm.Get("down"), false)
	case r.PostForm.Has("leave"):
		err = p.Companies.LeaveFamily(r.Context(), r.Actor, id, r.PostForm.Get("leave"))
	default:
		form.Joins = r.PostForm.Get("join")
		err = p.Companies.JoinFamily(r.Context(), r.Actor, id, form.Joins)
	}
	if wrong, ok := web.Wrong(err); ok {
		form.Wrong = wrong
		return p.familyForm(r, form)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(back, "company.family.arranged"), nil
}

func (p *Pages) askDeleteFamily(r *web.Request) (web.Response, error) {
	form, err := p.theFamily(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.DeleteFamilyPage(form)), nil
}

func (p *Pages) deleteFamily(r *web.Request) (web.Response, error) {
	form, err := p.theFamily(r)
	if err != nil {
		return web.Response{}, err
	}
	if err := p.Companies.DeleteFamily(r.Context(), r.Actor, form.Family.ID); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/roles", "company.family.deleted", "Name", form.Family.Name), nil
}
