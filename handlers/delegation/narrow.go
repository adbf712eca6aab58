package delegation

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	views "locum/views/delegation"
)

// askNarrow is the page that asks what is taken away from several delegations.
func (p *Pages) askNarrow(r *web.Request, page views.Bulk) (web.Response, error) {
	if err := p.gives(r, &page); err != nil {
		return web.Response{}, err
	}
	return web.Page(views.AskNarrow(page)), nil
}

// narrowAgain is that page with what was chosen.
func (p *Pages) narrowAgain(r *web.Request, page views.Bulk, wrong models.FieldErrors) (web.Response, error) {
	page.Narrow.In, page.Narrow.Wrong = narrowing(r), wrong
	if err := p.gives(r, &page); err != nil {
		return web.Response{}, err
	}
	if wrong != nil {
		return web.Invalid(views.AskNarrow(page)), nil
	}
	return web.Page(views.AskNarrow(page)), nil
}

// reviewNarrow says what becomes of each, and changes nothing.
func (p *Pages) reviewNarrow(r *web.Request, page views.Bulk) (web.Response, error) {
	if r.PostFormValue("edit") != "" {
		return p.narrowAgain(r, page, nil)
	}
	page.Narrow.In = narrowing(r)
	each, err := p.delegations.PreviewNarrow(r.Context(), r.Actor, idsOf(page.Can), page.Narrow.In)
	if wrong, rejected := web.Wrong(err); rejected {
		return p.narrowAgain(r, page, wrong)
	}
	if err != nil {
		return web.Response{}, err
	}
	page.Narrow.Each = each
	return web.Page(views.ReviewNarrow(page)), nil
}

// gives reads what the delegations give now.
func (p *Pages) gives(r *web.Request, page *views.Bulk) (err error) {
	page.Narrow.Each, err = p.delegations.Sides(r.Context(), r.Actor, idsOf(page.Can))
	return err
}

func idsOf(list []delegation.Details) (ids []string) {
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids
}

// narrowing reads what is to be taken away.
func narrowing(r *web.Request) delegation.Narrowing {
	return delegation.Narrowing{Roles: r.PostForm["role"], Applications: r.PostForm["application"], LaterApplications: r.PostFormValue("later_applications") != ""}
}
