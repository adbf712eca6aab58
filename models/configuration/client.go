package configuration

import (
	"strconv"
	"strings"

	"locum/models/client"
	"locum/models/tenancy"
)

// client compares the registration of an application, which may be a new one.
// What the document leaves out stays.
func (m *comparison) client(p *Part, app tenancy.Application, known bool, d Section[Client]) (err error) {
	if !d.Said {
		return nil
	}
	old, there := client.Draft{}, false
	if known {
		if old, there, err = client.Load(m.tx, app.ID); err != nil {
			return err
		}
	}
	in, said := old, d.Value
	in.Kind = client.Kind(said.Kind.or(string(old.Kind)))
	if in.Kind == "" {
		in.Kind = client.BySecret
	}
	in.RedirectURIs, in.PostLogoutURIs, in.Hosts = linesOr(said.RedirectURIs, old.RedirectURIs), linesOr(said.PostLogoutURIs, old.PostLogoutURIs), linesOr(said.Hosts, old.Hosts)
	in.LogoutURI, in.HomeURI, in.JWKS = said.LogoutURI.or(old.LogoutURI), said.HomeURI.or(old.HomeURI), said.JWKS.or(old.JWKS)
	in.FollowsSwitch = said.FollowsSwitch.or(old.FollowsSwitch)
	places := map[string]Place{"kind": said.Kind.Place, "redirect_uris": said.RedirectURIs.Place, "post_logout_uris": said.PostLogoutURIs.Place, "logout_uri": said.LogoutURI.Place,
		"home_uri": said.HomeURI.Place, "jwks": said.JWKS.Place, "hosts": said.Hosts.Place}
	if err := m.wrong(in.Check(), d.Place, places); err != nil {
		return err
	}
	fields := []Field{{"kind", string(old.Kind), string(in.Kind)}, {"redirect_uris", inline(old.RedirectURIs), inline(in.RedirectURIs)},
		{"post_logout_uris", inline(old.PostLogoutURIs), inline(in.PostLogoutURIs)}, {"logout_uri", old.LogoutURI, in.LogoutURI}, {"home_uri", old.HomeURI, in.HomeURI},
		{"jwks", strings.TrimSpace(old.JWKS), strings.TrimSpace(in.JWKS)}, {"hosts", inline(old.Hosts), inline(in.Hosts)}, {"follows_switch", truthOf(old.FollowsSwitch), truthOf(in.FollowsSwitch)}}
	do := func(w *work) error { return client.Connect(w.tx, w.real(app.ID), in) }
	if there {
		p.change("client", app.Key, fields, do)
	} else {
		p.create("client", app.Key, fields, do)
	}
	return nil
}

// linesOr is a list as a draft has it, and another where the document gives none.
func linesOr(list List[Text], other string) string {
	if !list.Said {
		return other
	}
	var lines []string
	for _, one := range list.Items {
		lines = append(lines, one.Value)
	}
	return strings.Join(lines, "\n")
}

// inline is a list as people read it.
func inline(lines string) string { return strings.Join(strings.Fields(lines), ", ") }

func truthOf(value bool) string {
	if !value {
		return ""
	}
	return strconv.FormatBool(value)
}

// exportClient is the registration of an application; nothing where it has none.
func (m *comparison) exportClient(application string) (Section[Client], error) {
	in, there, err := client.Load(m.tx, application)
	if err != nil || !there {
		return Section[Client]{}, err
	}
	return Section[Client]{Said: true, Value: Client{Kind: say(string(in.Kind)), RedirectURIs: sayAll(in.RedirectURIs), PostLogoutURIs: sayAll(in.PostLogoutURIs), LogoutURI: sayUnlessEmpty(in.LogoutURI),
		HomeURI: sayUnlessEmpty(in.HomeURI), JWKS: sayUnlessEmpty(in.JWKS), Hosts: sayAll(in.Hosts), FollowsSwitch: Truth{Said: in.FollowsSwitch, Value: in.FollowsSwitch}}}, nil
}

// sayAll is a list of a draft; left out where it is empty.
func sayAll(lines string) (list List[Text]) {
	for _, one := range strings.Fields(lines) {
		list.Said, list.Items = true, append(list.Items, say(one))
	}
	return list
}
