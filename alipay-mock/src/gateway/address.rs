//! Where a gateway listens, and the address by which clients reach it.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

/// Listens on a host, which is an address or a name of this computer.
pub(super) fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    let socket = TcpListener::bind((host, port))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The host without the brackets that an IPv6 address has in URLs.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// The address as errors show it.
pub(super) fn shown(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// What to do about an error of [`listen`].
pub(super) fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program has this port: choose another one, or 0 for any that is free"
        }
        io::ErrorKind::PermissionDenied => "choose a port above 1023, or 0 for any that is free",
        _ => {
            "the host must be an address or a name of this computer, such as 127.0.0.1, or 0.0.0.0 \
             or :: for all"
        }
    }
}

/// The URL of a gateway that listens on this host.
pub(super) fn url(host: &str, address: SocketAddr) -> String {
    let port = address.port();
    match host.parse::<IpAddr>() {
        // It listens on all addresses: that of this computer in its network is one for others, too.
        Ok(ip) if ip.is_unspecified() => {
            let ip = outward(ip).unwrap_or_else(|| loopback(ip));
            format!("http://{}", SocketAddr::new(ip, port))
        }
        Ok(_) => format!("http://{address}"),
        Err(_) => format!("http://{host}:{port}"),
    }
}

fn loopback(unspecified: IpAddr) -> IpAddr {
    match unspecified {
        IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    }
}

/// The address that this computer has for others; `None` if it is in no network.
fn outward(unspecified: IpAddr) -> Option<IpAddr> {
    // An address of the documentation (RFC 5737, RFC 3849). To connect sends nothing: it finds the route.
    let far = match unspecified {
        IpAddr::V4(_) => "192.0.2.1:9",
        IpAddr::V6(_) => "[2001:db8::1]:9",
    };
    let socket = UdpSocket::bind((unspecified, 0)).ok()?;
    socket.connect(far).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// Reads the URL that others use: scheme and host, without a path. The error says what is wrong.
pub(super) fn read_public_url(url: &str) -> Result<String, &'static str> {
    let uri: http::Uri = url.trim().parse().map_err(|_| "it is not a URL")?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority())
    else {
        return Err("it must be like http://host:port");
    };
    if authority.as_str().contains('@') {
        return Err("it must not hold a user name");
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err("it must not have a path: paths are signed");
    }
    Ok(format!("{scheme}://{authority}"))
}

/// The host of a URL, without brackets.
pub(super) fn host_of(url: &str) -> Option<String> {
    Some(bare(url.parse::<http::Uri>().ok()?.host()?).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_one_that_clients_can_use() {
        let of = |host: &str, address: &str| url(host, address.parse().unwrap());
        assert_eq!(of("127.0.0.1", "127.0.0.1:80"), "http://127.0.0.1:80");
        assert_eq!(of("::1", "[::1]:80"), "http://[::1]:80");
        assert_eq!(of("alipay-mock", "10.0.0.2:80"), "http://alipay-mock:80");
        let all = of("0.0.0.0", "0.0.0.0:80");
        assert!(all.ends_with(":80") && !all.contains("0.0.0.0"), "{all}");
        let all = of("::", "[::]:80");
        assert!(all.starts_with("http://[") && !all.contains("[::]"), "{all}");
    }

    #[test]
    fn public_urls_have_no_path() {
        let read = |url: &str| read_public_url(url);
        assert_eq!(read(" http://alipay-mock:8787/\n"), Ok("http://alipay-mock:8787".to_owned()));
        assert_eq!(read("https://[::1]"), Ok("https://[::1]".to_owned()));
        for wrong in
            ["", "alipay-mock:8787", "/x", "ftp://x", "http://a@b", "http://a/b", "http://a?b"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(host_of("http://[::1]:1"), Some("::1".to_owned()));
    }
}
