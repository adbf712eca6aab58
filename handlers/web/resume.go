package web

import "locum/views/ui"

// resumed has an answer that signs somebody in lead to where he worked last, if
// he wished that. Who signs in on his way to a page goes to that page alone.
func (a *App) resumed(r *Request, answer Response) Response {
	if a.config.Resume == nil || answer.token == "" || answer.shape != redirectShape || answer.to != "/" && answer.to != "/home" {
		return answer
	}
	said, found, err := a.config.Resume(r.Context(), answer.token, r.Actor.Address)
	if err != nil {
		exchangeOf(r.Context()).err = err // he is signed in all the same
	}
	if !found {
		return answer
	}
	answer.to = "/"
	return answer.withFlash(Flash{Tone: ui.OK, Message: said})
}
