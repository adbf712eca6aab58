package account

import (
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	views "locum/views/account"
)

// codeForm asks for the code. A request of another browser, or one that
// served, is answered like one that never was.
func (p *Pages) codeForm(r *web.Request) (web.Response, error) {
	id := r.FormValue("request")
	request, err := p.Entrance.Request(r.Context(), id, r.BrowserHash())
	if err != nil {
		return p.codeGone(r, err)
	}
	if request.Proven {
		return web.Redirect(finishAddress(id), ""), nil
	}
	return web.Page(views.Code(codeProps(r, id, request))), nil
}

func codeProps(r *web.Request, id string, request access.Request) views.CodeProps {
	return views.CodeProps{Request: id, Email: request.Email, Next: request.ReturnTo, Spent: request.Spent(r.Now),
		Renews: request.Renews, Minutes: int(account.CodeLife.Minutes())}
}

// codeGone is the answer to a request that cannot be used in this browser. Who
// is signed in by now, as after sending the code twice, simply goes on.
func (p *Pages) codeGone(r *web.Request, err error) (web.Response, error) {
	switch {
	case models.KindOf(err) != models.NotFound:
		return web.Response{}, err
	case !r.Actor.Anonymous():
		return web.Redirect(home, ""), nil
	}
	return web.Status(http.StatusNotFound, views.CodeGone()), nil
}

// entering is what a code is given with, and from where.
func entering(r *web.Request) access.Entering {
	return access.Entering{Request: r.FormValue("request"), BrowserHash: r.BrowserHash(), Code: r.FormValue("code"),
		UserAgent: r.UserAgent(), Address: r.Actor.Address, Instead: r.Actor.Session}
}

// enter signs in with a code, or goes on to what is missing of an account.
func (p *Pages) enter(r *web.Request) (web.Response, error) {
	in := entering(r)
	out, err := p.Entrance.Enter(r.Context(), in)
	if wrong, ok := web.Wrong(err); ok {
		request, err := p.Entrance.Request(r.Context(), in.Request, in.BrowserHash)
		if err != nil {
			return p.codeGone(r, err)
		}
		props := codeProps(r, in.Request, request)
		props.Code, props.Wrong = in.Code, wrong
		return web.Invalid(views.Code(props)), nil
	}
	if err != nil {
		return p.codeGone(r, err)
	}
	if out.Renewed {
		return web.Redirect(onward(out.ReturnTo), "account.step_up.done"), nil
	}
	if out.Token == "" {
		return web.Redirect(finishAddress(in.Request), ""), nil
	}
	return entered(out), nil
}

// entered gives the browser its session.
func entered(out access.Entered) web.Response {
	flash := ""
	if out.New {
		flash = "account.welcome"
	}
	return web.Redirect(onward(out.ReturnTo), flash).SignedIn(out.Token)
}

// codeAgain sends a new code to the same address.
func (p *Pages) codeAgain(r *web.Request) (web.Response, error) {
	request, err := p.Entrance.Again(r.Context(), r.FormValue("request"), r.BrowserHash(), r.Actor.Address)
	if err != nil {
		return p.codeGone(r, err)
	}
	return web.Redirect("/sign-in/code?request="+url.QueryEscape(request), "account.code.sent"), nil
}
