package account

import (
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models"
	views "locum/views/account"
)

func (p *Pages) signUpForm(r *web.Request) (web.Response, error) {
	next := r.Next("")
	if !r.Actor.Anonymous() {
		return web.Redirect(onward(next), ""), nil
	}
	return web.Page(views.SignUp(views.SignUpProps{Next: next})), nil
}

// signUp sends a code to a new person; with it he gets an account. Who has one
// is simply signed in.
func (p *Pages) signUp(r *web.Request) (web.Response, error) {
	email, next := strings.TrimSpace(r.FormValue("email")), r.Next("")
	if !r.Actor.Anonymous() {
		return web.Redirect(onward(next), ""), nil
	}
	in := asking(r, email, next)
	in.SignUp, in.Name, in.Organization = true, r.FormValue("name"), r.FormValue("organization")
	request, err := p.Entrance.Ask(r.Context(), in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.SignUp(views.SignUpProps{Name: in.Name, Organization: in.Organization, Email: email, Next: next, Wrong: wrong})), nil
	}
	return p.asked(r, request, err, email, next)
}

func finishAddress(request string) string {
	return "/sign-up/finish?request=" + url.QueryEscape(request)
}

// finishForm asks for a name and an organization once the mailbox is proven.
func (p *Pages) finishForm(r *web.Request) (web.Response, error) {
	id := r.FormValue("request")
	request, err := p.Entrance.Request(r.Context(), id, r.BrowserHash())
	if err == nil && !request.Proven {
		err = models.Unknown()
	}
	if err != nil {
		return p.codeGone(r, err)
	}
	return web.Page(views.Finish(views.FinishProps{Request: id, Email: request.Email, Name: request.Name})), nil
}

// finish makes the account and signs in.
func (p *Pages) finish(r *web.Request) (web.Response, error) {
	in, name, organization := entering(r), r.FormValue("name"), r.FormValue("organization")
	out, err := p.Entrance.Complete(r.Context(), in, name, organization)
	if wrong, ok := web.Wrong(err); ok {
		request, err := p.Entrance.Request(r.Context(), in.Request, in.BrowserHash)
		if err != nil {
			return p.codeGone(r, err)
		}
		return web.Invalid(views.Finish(views.FinishProps{Request: in.Request, Email: request.Email, Name: name, Organization: organization, Wrong: wrong})), nil
	}
	if err != nil {
		return p.codeGone(r, err)
	}
	return entered(out), nil
}
