package company

import "locum/handlers/web"

// endBreakGlass ends the break-glass session of another manager.
func (p *Pages) endBreakGlass(r *web.Request) (web.Response, error) {
	ended, err := p.Sessions.EndBreakGlass(r.Context(), r.Actor, r.PathValue("session"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(r.Next("/company"), "breakglass.ended", "Name", ended.AccountName), nil
}
