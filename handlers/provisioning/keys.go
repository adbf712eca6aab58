package provisioning

import (
	"locum/handlers/web"
	"locum/models"
	views "locum/views/provisioning"
)

// rotateKey adds a key of Locum's beside the present one.
func (p *Pages) rotateKey(r *web.Request) (web.Response, error) {
	if err := p.Federation.RotateKey(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/single-sign-on/"+r.PathValue("id"), "sso.keys.rotated"), nil
}

// askRetireKey says what goes with the older key.
func (p *Pages) askRetireKey(r *web.Request) (web.Response, error) {
	c, err := p.Federation.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	keys, err := p.Federation.OurKeys(r.Context(), r.Actor, c.ID)
	if err != nil {
		return web.Response{}, err
	}
	if len(keys) < 2 || keys[0].ID != r.PathValue("key") {
		return web.Response{}, models.Unknown()
	}
	return web.Page(views.RetireKey(c, keys[0])), nil
}

func (p *Pages) retireKey(r *web.Request) (web.Response, error) {
	if err := p.Federation.RetireKey(r.Context(), r.Actor, r.PathValue("id"), r.PathValue("key")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/single-sign-on/"+r.PathValue("id"), "sso.keys.retired"), nil
}
