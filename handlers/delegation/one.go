package delegation

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	views "locum/views/delegation"
	"locum/views/i18n"
)

func (p *Pages) show(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Show(page)), nil
}

func (p *Pages) askRevoke(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if page.Over(r.Now) {
		return web.Redirect("/delegations/"+page.ID, ""), nil
	}
	return web.Page(views.Revoke(page)), nil
}

func (p *Pages) extend(r *web.Request) (web.Response, error) {
	period, date := delegation.Period(r.PostFormValue("period")), r.PostFormValue("date")
	err := p.delegations.Extend(r.Context(), r.Actor, r.PathValue("id"), version(r), period, date)
	wrong, rejected := web.Wrong(err)
	if !rejected {
		return p.changed(r, err, "delegation.extended")
	}
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	page.Extend.Chosen, page.Extend.Date, page.Extend.Wrong = period, date, wrong
	return web.Invalid(views.Show(page)), nil
}

func (p *Pages) confirm(r *web.Request) (web.Response, error) {
	return p.changed(r, p.delegations.Confirm(r.Context(), r.Actor, r.PathValue("id"), version(r)), "delegation.confirmed")
}

func (p *Pages) revoke(r *web.Request) (web.Response, error) {
	return p.changed(r, p.delegations.Revoke(r.Context(), r.Actor, r.PathValue("id")), "delegation.revoked")
}

// refuseMore answers the consultant who asks for more time with no.
func (p *Pages) refuseMore(r *web.Request) (web.Response, error) {
	err := p.delegations.RefuseMore(r.Context(), r.Actor, r.PathValue("id"), version(r), r.PostFormValue("note"))
	wrong, rejected := web.Wrong(err)
	if !rejected {
		return p.changed(r, err, "delegation.more.refused")
	}
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	page.Note, page.Wrong = r.PostFormValue("note"), wrong
	return web.Invalid(views.Show(page)), nil
}

// version is the one that the superuser saw.
func version(r *web.Request) int64 {
	n, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return 0 // none has it
	}
	return n
}

// changed goes back to the delegation after a change. When somebody else was
// quicker, the page says so and shows what he did.
func (p *Pages) changed(r *web.Request, err error, said string) (web.Response, error) {
	if err != nil && models.KindOf(err) != models.Conflict {
		return web.Response{}, err
	}
	page, reading := p.one(r)
	if reading != nil {
		return web.Response{}, reading
	}
	if err == nil && said == "delegation.extended" && page.Waiting != nil { // a later end waits for another superuser
		said = "granting.proposed"
	}
	if err == nil {
		return web.Redirect("/delegations/"+page.ID, said, "Name", page.Person()), nil
	}
	page.Conflict = message(err)
	page.Extend.Chosen, page.Extend.Date = delegation.Period(r.PostFormValue("period")), r.PostFormValue("date")
	return web.Status(http.StatusConflict, views.Show(page)), nil
}

// one reads everything that the page of a delegation shows.
func (p *Pages) one(r *web.Request) (page views.One, err error) {
	page = views.One{Host: r.Actor.Effective, Reader: r.Actor.Account, Now: r.Now}
	if page.Details, err = p.delegations.Get(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return page, err
	}
	happened, err := p.trail.Organization(r.Context(), r.Actor, event.Filter{Subject: page.ID})
	if err != nil {
		return page, err
	}
	for _, e := range happened {
		page.History = append(page.History, happening(e.Type, e.AccountName, e.OccurredAt.Time, e.Data))
	}
	if page.Mails, err = p.hearing(r, page.Details); err != nil {
		return page, err
	}
	if page.Tokens, err = p.sessions.VisitTokens(r.Context(), r.Actor, page.ID); err != nil {
		return page, err
	}
	if page.Following, err = p.sessions.FollowingTokens(r.Context(), r.Actor, page.ID); err != nil {
		return page, err
	}
	choices, err := p.delegations.Choices(r.Context(), r.Actor)
	page.Extend = views.Periods{ID: "extend-", Chosen: delegation.Week, Host: choices.Host, Starts: page.StartsAt.Time, Now: r.Now}
	return page, err
}

// happening reads what an event says beside its type.
func happening(kind, by string, at time.Time, data string) views.Happening {
	var facts struct {
		EndsAt time.Time `json:"ends_at"`
		Before time.Time `json:"before"`
		Why    string    `json:"why"`

		AnswerBy time.Time `json:"answer_by"`
		Reason   string    `json:"reason"`
		Note     string    `json:"note"`
	}
	h := views.Happening{Type: kind, Name: by, At: at}
	if json.Unmarshal([]byte(data), &facts) == nil { // without them the line is shorter
		h.Ends, h.Before, h.Why, h.AnswerBy, h.Said = facts.EndsAt, facts.Before, facts.Why, facts.AnswerBy, facts.Reason+facts.Note
	}
	return h
}

// language is one that Locum speaks: the chosen one, or else the reader's.
func language(r *web.Request, chosen string) string {
	if i18n.Known(chosen) {
		return chosen
	}
	return r.Locale.Language
}

// message is what the domain says about an error.
func message(err error) *models.Message {
	var e *models.Error
	if !errors.As(err, &e) {
		return nil
	}
	return &models.Message{Key: e.Key, Args: e.Args}
}
