package consultancy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	views "locum/views/consultancy"
	delegationviews "locum/views/delegation"
)

func (p *Pages) firms(r *web.Request) (web.Response, error) {
	list, err := p.delegations.Firms(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.FirmsPage(views.Firms{Host: r.Actor.Effective, List: list, Now: r.Now})), nil
}

// firmForm is the empty form: as a member, for a month, three people.
func (p *Pages) firmForm(r *web.Request) (web.Response, error) {
	page, err := p.filled(r, delegation.FirmProposal{People: 3, Period: delegation.Month}, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.FirmForm(page)), nil
}

func (p *Pages) grantFirm(r *web.Request) (web.Response, error) {
	in := firmProposal(r)
	given, err := p.delegations.GrantFirm(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		page, err := p.filled(r, in, wrong)
		if err != nil {
			return web.Response{}, err
		}
		return web.Invalid(views.FirmForm(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	said := "firm.given"
	if given.ApprovedAt == nil {
		said = "firm.proposed"
	}
	return web.Redirect("/firms/"+given.ID, said, "Firm", given.FirmName), nil
}

// previewFirm says which company it is and what it would get: as a part of the
// page where there is script, and otherwise as the whole page.
func (p *Pages) previewFirm(r *web.Request) (web.Response, error) {
	in := firmProposal(r)
	if r.HTMX() {
		preview, err := p.firmPreview(r, in)
		if err != nil {
			return web.Response{}, err
		}
		return web.Fragment(views.Plain(preview)), nil
	}
	page, err := p.filled(r, in, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.FirmForm(page)), nil
}

func firmProposal(r *web.Request) delegation.FirmProposal {
	people, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue("people")))
	if err != nil {
		people = 0 // which none may be
	}
	in := delegation.FirmProposal{Firm: r.PostFormValue("firm"), People: people, Period: delegation.Period(r.PostFormValue("period")), Date: r.PostFormValue("date"),
		Reason: r.PostFormValue("reason"), Ticket: r.PostFormValue("ticket"), Chosen: r.PostFormValue("scope") == delegationviews.ChosenRoles}
	if in.Chosen { // an application's "no role" is sent empty
		in.Roles = slices.DeleteFunc(slices.Clone(r.PostForm["role"]), func(id string) bool { return id == "" })
	}
	return in
}

func (p *Pages) filled(r *web.Request, in delegation.FirmProposal, wrong models.FieldErrors) (page views.FirmFilled, err error) {
	page = views.FirmFilled{In: in, Wrong: wrong, Now: r.Now}
	if page.Choices, err = p.delegations.Choices(r.Context(), r.Actor); err != nil {
		return page, err
	}
	page.Preview, err = p.firmPreview(r, in)
	return page, err
}

func (p *Pages) firmPreview(r *web.Request, in delegation.FirmProposal) (views.FirmPreview, error) {
	plan, err := p.delegations.PreviewFirm(r.Context(), r.Actor, in)
	wrong, rejected := web.Wrong(err)
	if err != nil && !rejected {
		return views.FirmPreview{}, err
	}
	return views.FirmPreview{Plan: plan, In: in, Wrong: wrong, Now: r.Now}, nil
}

// one reads what the page of a delegation to a firm shows.
func (p *Pages) one(r *web.Request) (page views.Firm, err error) {
	page = views.Firm{Host: r.Actor.Effective, Mine: r.Actor.Account, Now: r.Now}
	if page.FirmDetails, err = p.delegations.Firm(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return page, err
	}
	host := r.Actor.Effective
	page.Extend = delegationviews.Periods{ID: "extend-", Chosen: delegation.Month, Now: r.Now,
		Host: tenancy.Organization{ID: host.Organization, Name: host.Name, TimeZone: host.TimeZone}}
	return page, nil
}

func (p *Pages) firm(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.FirmPage(page)), nil
}

func version(r *web.Request) int64 {
	n, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return 0 // none has it
	}
	return n
}

// changed goes back to the page after a change, or shows it as it is now when
// the change does not fit any more.
func (p *Pages) changed(r *web.Request, err error, said string, args ...any) (web.Response, error) {
	problem, late := conflict(err)
	if err != nil && !late {
		return web.Response{}, err
	}
	page, failed := p.one(r)
	if failed != nil {
		return web.Response{}, failed
	}
	if late {
		page.Problem = problem
		return web.Status(http.StatusConflict, views.FirmPage(page)), nil
	}
	return web.Redirect("/firms/"+page.ID, said, append(args, "Firm", page.FirmName)...), nil
}

func (p *Pages) approveFirm(r *web.Request) (web.Response, error) {
	return p.changed(r, p.delegations.ApproveFirm(r.Context(), r.Actor, r.PathValue("id"), version(r)), "firm.approved")
}

func (p *Pages) extendFirm(r *web.Request) (web.Response, error) {
	period, date := delegation.Period(r.PostFormValue("period")), strings.TrimSpace(r.PostFormValue("date"))
	waits, err := p.delegations.ExtendFirm(r.Context(), r.Actor, r.PathValue("id"), version(r), period, date)
	wrong, rejected := web.Wrong(err)
	if !rejected {
		said := "firm.extended"
		if waits {
			said = "firm.wanted"
		}
		return p.changed(r, err, said)
	}
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	page.Extend.Chosen, page.Extend.Date, page.Extend.Wrong = period, date, wrong
	return web.Invalid(views.FirmPage(page)), nil
}

func (p *Pages) refuseFirmExtension(r *web.Request) (web.Response, error) {
	return p.changed(r, p.delegations.RefuseFirmExtension(r.Context(), r.Actor, r.PathValue("id"), version(r)), "firm.refused")
}

func (p *Pages) confirmFirm(r *web.Request) (web.Response, error) {
	return p.changed(r, p.delegations.ConfirmFirm(r.Context(), r.Actor, r.PathValue("id"), version(r)), "firm.confirmed")
}

func (p *Pages) askEndFirm(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if page.Status(r.Now).Over() {
		return web.Redirect("/firms/"+page.ID, ""), nil // another tab was quicker
	}
	return web.Page(views.EndFirmPage(page)), nil
}

func (p *Pages) endFirm(r *web.Request) (web.Response, error) {
	return p.changed(r, p.delegations.EndFirm(r.Context(), r.Actor, r.PathValue("id")), "firm.ended")
}

func (p *Pages) askVeto(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	person, there := page.Person(r.PathValue("account"))
	if !there {
		return web.Response{}, models.Unknown()
	}
	return web.Page(views.VetoPage(page, person)), nil
}

func (p *Pages) veto(r *web.Request) (web.Response, error) {
	v, err := p.delegations.VetoPerson(r.Context(), r.Actor, r.PathValue("id"), r.PathValue("account"))
	return p.changed(r, err, "firm.vetoed", "Name", v.AccountName)
}

func (p *Pages) lift(r *web.Request) (web.Response, error) {
	v, err := p.delegations.LiftVeto(r.Context(), r.Actor, r.PathValue("id"), r.PathValue("account"))
	return p.changed(r, err, "firm.lifted", "Name", v.AccountName)
}
