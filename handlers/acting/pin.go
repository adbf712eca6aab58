package acting

import "locum/handlers/web"

// pin keeps a place at hand.
func (p *Pages) pin(r *web.Request) (web.Response, error) {
	return back(r), p.sessions.Pin(r.Context(), r.Actor, r.PathValue("place"))
}

// unpin does so no more.
func (p *Pages) unpin(r *web.Request) (web.Response, error) {
	return back(r), p.sessions.Unpin(r.Context(), r.Actor, r.PathValue("place"))
}

// back is the page on which a place was kept at hand.
func back(r *web.Request) web.Response {
	to := r.PostFormValue("here")
	if !web.Local(to) {
		to = "/home"
	}
	return web.Redirect(to, "")
}
