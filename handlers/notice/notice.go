// Package notice holds the pages of a person's inbox and of the mails that he
// gets about delegations. Each handler decodes a form, asks the domain for one
// thing and shows what came of it. Nothing is changed by opening an address:
// mail scanners open them too.
package notice

import (
	"context"
	"errors"
	"net/http"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/notice"
	"locum/models/tenancy"
	views "locum/views/notice"
)

// Pages are the pages of inboxes and of choices of mails.
type Pages struct {
	inbox       *notice.Inbox
	delegations *delegation.Delegations
	accounts    *account.Accounts
}

// pageSize is how many entries a page of the inbox shows: each takes some lines.
const pageSize = 25

// New makes the pages.
func New(inbox *notice.Inbox, delegations *delegation.Delegations, accounts *account.Accounts) *Pages {
	return &Pages{inbox, delegations, accounts}
}

// Mount registers the pages: the inbox for whoever is signed in, the choices for
// superusers of the organization in which they work.
func (p *Pages) Mount(app *web.App) {
	app.Signed("GET /inbox", p.list)
	app.Signed("POST /inbox/read", p.readAll)
	app.Signed("POST /inbox/{notice}/read", p.read)
	app.Signed("POST /account/address/test", p.test)
	app.With(models.ManageDelegations, "GET /notifications", p.choices)
	app.With(models.ManageDelegations, "POST /notifications", p.choose)
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	q := r.URL.Query()
	at := r.Page()
	at.Size = pageSize
	page := views.Inbox{Unread: q.Get("show") == "unread", Organization: q.Get("organization"), Page: at, Here: r.Actor.Effective, Now: r.Now}
	var err error
	page.Contents, err = p.inbox.List(r.Context(), r.Actor, notice.Filter{Unread: page.Unread, Organization: page.Organization}, page.Page)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Show(page)), nil
}

// read marks one entry as read and, where that is asked for, goes where it leads.
func (p *Pages) read(r *web.Request) (web.Response, error) {
	entry, err := p.inbox.Read(r.Context(), r.Actor, r.PathValue("notice"))
	if err != nil {
		return web.Response{}, err
	}
	if r.PostFormValue("open") != "" {
		return web.Redirect(views.Href(r.Context(), entry), ""), nil
	}
	return web.Redirect(r.Next("/inbox"), ""), nil
}

// readAll marks as read what the page showed, and nothing that came since.
func (p *Pages) readAll(r *web.Request) (web.Response, error) {
	until, err := time.Parse(time.RFC3339Nano, r.PostFormValue("until"))
	if err != nil || until.After(r.Now) {
		until = r.Now
	}
	if err := p.inbox.ReadAll(r.Context(), r.Actor, until); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(r.Next("/inbox"), "notice.all_read"), nil
}

func (p *Pages) test(r *web.Request) (web.Response, error) {
	if err := p.accounts.TestMail(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/account", "notice.test_sent", "Email", r.Actor.Email), nil
}

func (p *Pages) choices(r *web.Request) (web.Response, error) {
	page, err := p.chosen(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Defaults(page)), nil
}

func (p *Pages) chosen(ctx context.Context, by models.Actor) (page views.Choices, err error) {
	page.Host = by.Effective
	page.Own, page.Organization, err = p.delegations.WatchDefault(ctx, by)
	return page, err
}

func (p *Pages) choose(r *web.Request) (web.Response, error) {
	mode := tenancy.Notify(r.PostFormValue("mode"))
	err := p.delegations.SetWatchDefault(r.Context(), r.Actor, mode)
	if err == nil {
		return web.Redirect("/notifications", "notice.chosen"), nil
	}
	wrong, rejected := web.Wrong(err)
	if !rejected && models.KindOf(err) != models.Conflict {
		return web.Response{}, err
	}
	page, reading := p.chosen(r.Context(), r.Actor)
	if reading != nil {
		return web.Response{}, reading
	}
	page.Own, page.Wrong = mode, wrong
	if rejected {
		return web.Invalid(views.Defaults(page)), nil
	}
	var e *models.Error
	if errors.As(err, &e) {
		page.Conflict = &models.Message{Key: e.Key, Args: e.Args}
	}
	return web.Status(http.StatusConflict, views.Defaults(page)), nil
}
