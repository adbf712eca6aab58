package delegation

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	views "locum/views/delegation"
)

// visitToken is the token of an address, made in a visit to the organization.
func (p *Pages) visitToken(r *web.Request) (access.OwnToken, error) {
	list, err := p.sessions.VisitTokens(r.Context(), r.Actor, "")
	if err != nil {
		return access.OwnToken{}, err
	}
	for _, one := range list {
		if one.ID == r.PathValue("token") {
			return one, nil
		}
	}
	return access.OwnToken{}, models.Unknown()
}

func (p *Pages) askRevokeToken(r *web.Request) (web.Response, error) {
	one, err := p.visitToken(r)
	if err != nil {
		return web.Response{}, err
	}
	if !one.Active(r.Now) {
		return web.Redirect("/delegations/"+one.DelegationID+"#tokens", ""), nil // another tab was quicker
	}
	return web.Page(views.RevokeToken(one)), nil
}

// revokeToken ends a token that a visitor made.
func (p *Pages) revokeToken(r *web.Request) (web.Response, error) {
	ended, err := p.sessions.RevokeVisitToken(r.Context(), r.Actor, r.PathValue("token"))
	if err != nil && models.KeyOf(err) != access.KeyTokenOver { // a second click
		return web.Response{}, err
	}
	return web.Redirect("/delegations/"+ended.DelegationID+"#tokens", "own_token.revoked", "Name", ended.Name), nil
}
