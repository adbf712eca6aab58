package account

import (
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models/access"
	views "locum/views/account"
)

// breakGlassForm asks for the address of who comes in past single sign-on.
func (p *Pages) breakGlassForm(r *web.Request) (web.Response, error) {
	if !r.Actor.Anonymous() {
		return web.Redirect(onward(r.Next("")), ""), nil
	}
	return web.Page(views.BreakGlass(views.SignInProps{Next: r.Next("")})), nil
}

// breakGlass goes on to the page for the code, whoever asks.
func (p *Pages) breakGlass(r *web.Request) (web.Response, error) {
	email, next := strings.TrimSpace(r.FormValue("email")), r.Next("")
	if !r.Actor.Anonymous() {
		return web.Redirect(onward(next), ""), nil
	}
	request, err := p.Entrance.AskBreakGlass(r.Context(), asking(r, email, next))
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.BreakGlass(views.SignInProps{Email: email, Next: next, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/sign-in/break-glass/code?request="+url.QueryEscape(request), ""), nil
}

func (p *Pages) breakGlassCodeForm(r *web.Request) (web.Response, error) {
	id := r.FormValue("request")
	request, err := p.Entrance.BreakGlassRequest(r.Context(), id, r.BrowserHash())
	if err != nil {
		return p.codeGone(r, err)
	}
	return web.Page(views.BreakGlassCode(breakGlassProps(r, id, request))), nil
}

func breakGlassProps(r *web.Request, id string, request access.Request) views.BreakGlassProps {
	return views.BreakGlassProps{CodeProps: codeProps(r, id, request)}
}

// enterBreakGlass opens the session, in the company.
func (p *Pages) enterBreakGlass(r *web.Request) (web.Response, error) {
	in, reason := entering(r), r.FormValue("reason")
	token, err := p.Entrance.EnterBreakGlass(r.Context(), in, reason)
	if wrong, ok := web.Wrong(err); ok {
		request, err := p.Entrance.BreakGlassRequest(r.Context(), in.Request, in.BrowserHash)
		if err != nil {
			return p.codeGone(r, err)
		}
		props := breakGlassProps(r, in.Request, request)
		props.Code, props.Reason, props.Wrong = in.Code, reason, wrong
		return web.Invalid(views.BreakGlassCode(props)), nil
	}
	if err != nil {
		return p.codeGone(r, err)
	}
	return web.Redirect("/company/single-sign-on", "").SignedIn(token), nil
}
