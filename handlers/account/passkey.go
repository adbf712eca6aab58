package account

import (
	"errors"
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/passkey"
	views "locum/views/account"
	"locum/views/ui"
)

// beginPasskey gives the browser what it asks an authenticator with, to sign
// somebody in.
func (p *Pages) beginPasskey(r *web.Request) (web.Response, error) {
	begun, err := p.Sessions.BeginPasskey(r.Context(), p.Passkeys, p.Site, r.BrowserHash(), r.Actor.Address)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, begun), nil
}

// answered is what came of a passkey in this browser.
func answered(r *web.Request) passkey.Answer {
	return passkey.Answer{Ceremony: r.PostFormValue("passkey_ceremony"), Browser: r.BrowserHash(), Credential: r.PostFormValue("credential")}
}

// signInByPasskey signs in whoever's passkey answered. Where his company lets
// him in through its identity provider alone he is sent there.
func (p *Pages) signInByPasskey(r *web.Request) (web.Response, error) {
	next := r.Next("")
	if !r.Actor.Anonymous() { // he signed in in another tab
		return web.Redirect(onward(next), ""), nil
	}
	token, email, err := p.Sessions.SignIn(r.Context(), p.Passkeys, p.Site, answered(r),
		access.Entering{UserAgent: r.UserAgent(), Address: r.Actor.Address})
	if models.KindOf(err) == models.Conflict && email != "" {
		start, err := p.provider(r, email, next)
		if err != nil {
			return web.Response{}, err
		}
		parsed, _ := account.ParseEmail(email)
		return web.Status(http.StatusConflict, views.Provider(views.ProviderProps{Email: email, Domain: parsed.Domain(), Start: start, Next: next})), nil
	}
	if again, ok := passkeyAgain(err, remembering("/sign-in", next)); ok {
		return again, nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(onward(next), "").SignedIn(token), nil
}

// passkeyAgain goes back to where a passkey was asked for, with what was wrong
// with the answer.
func passkeyAgain(err error, back string) (web.Response, bool) {
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.Forbidden && e.Kind != models.Conflict {
		return web.Response{}, false
	}
	return web.Redirect(back, e.Key, pairs(e.Args)...).Tone(ui.Bad), true
}

func pairs(args map[string]any) (list []any) {
	for name, value := range args {
		list = append(list, name, value)
	}
	return list
}

// newPasskey is the form for another passkey. Who has one shows it first.
func (p *Pages) newPasskey(r *web.Request) (web.Response, error) {
	return web.Page(views.NewPasskey(views.NewPasskeyProps{Usable: p.Site.Usable(), Next: r.Next("")})), nil
}

// beginRegister gives the browser what it asks an authenticator with, to make a
// passkey.
func (p *Pages) beginRegister(r *web.Request) (web.Response, error) {
	begun, err := p.Passkeys.BeginRegister(r.Context(), r.Actor, p.Site, r.BrowserHash())
	if showFirst(err) {
		return web.JSON(http.StatusConflict, map[string]string{"location": stepUpAddress("/account/passkeys/new")}), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, begun), nil
}

// showFirst says that he has to show a passkey he has before he changes any.
func showFirst(err error) bool {
	var e *models.Error
	return errors.As(err, &e) && e.Key == passkey.KeyShowFirst
}

func stepUpAddress(next string) string { return "/account/step-up?next=" + url.QueryEscape(next) }

// addPasskey makes a passkey of what the authenticator answered.
func (p *Pages) addPasskey(r *web.Request) (web.Response, error) {
	next, name := r.Next("/account#passkeys"), r.PostFormValue("name")
	_, err := p.Passkeys.Register(r.Context(), r.Actor, p.Site, answered(r), name)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.NewPasskey(views.NewPasskeyProps{Usable: p.Site.Usable(), Name: name, Next: r.Next(""), Wrong: wrong})), nil
	}
	if showFirst(err) {
		return web.Redirect(stepUpAddress("/account/passkeys/new"), passkey.KeyShowFirst).Tone(ui.Warn), nil
	}
	if again, ok := passkeyAgain(err, "/account/passkeys/new"); ok {
		return again, nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(next, "passkey.added"), nil
}

// onePasskey is where a passkey gets another name, or goes.
func (p *Pages) onePasskey(r *web.Request) (web.Response, error) {
	props, err := p.passkeyProps(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.OnePasskey(props)), nil
}

func (p *Pages) passkeyProps(r *web.Request) (views.OnePasskeyProps, error) {
	list, err := p.Passkeys.List(r.Context(), r.Actor)
	if err != nil {
		return views.OnePasskeyProps{}, err
	}
	for _, one := range list {
		if one.ID == r.PathValue("passkey") {
			return views.OnePasskeyProps{Passkey: one, Name: one.Name, Last: len(list) == 1}, nil
		}
	}
	return views.OnePasskeyProps{}, models.Unknown()
}

func (p *Pages) renamePasskey(r *web.Request) (web.Response, error) {
	name := r.PostFormValue("name")
	err := p.Passkeys.Rename(r.Context(), r.Actor, r.PathValue("passkey"), name)
	if wrong, ok := web.Wrong(err); ok {
		props, err := p.passkeyProps(r)
		if err != nil {
			return web.Response{}, err
		}
		props.Name, props.Wrong = name, wrong
		return web.Invalid(views.OnePasskey(props)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/account#passkeys", "passkey.renamed"), nil
}

func (p *Pages) removePasskey(r *web.Request) (web.Response, error) {
	_, err := p.Passkeys.Remove(r.Context(), r.Actor, r.PathValue("passkey"))
	if showFirst(err) {
		return web.Redirect(stepUpAddress("/account/passkeys/"+url.PathEscape(r.PathValue("passkey"))), passkey.KeyShowFirst).Tone(ui.Warn), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/account#passkeys", "passkey.removed"), nil
}
