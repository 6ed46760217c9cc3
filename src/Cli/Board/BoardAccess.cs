using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lockstep.Cli.Board;

/// <summary>
/// Who may see the board. On this machine everybody, by a name of this machine only: so no page from elsewhere, whose name was made to
/// point here, reads it. From other machines who has the token that the process prints.
/// </summary>
internal sealed class BoardAccess
{
    private const string Cookie = "lockstep-board", Parameter = "token";

    private readonly string? _token;

    /// <summary>Access to a board that listens at <paramref name="endPoint"/>.</summary>
    public BoardAccess(IPEndPoint endPoint) =>
        _token = IPAddress.IsLoopback(endPoint.Address) ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether the address that the process prints has a token.</summary>
    public bool HasToken => _token is not null;

    /// <summary>What follows the address in the line that the process prints.</summary>
    public string Query => _token is null ? "" : $"/?{Parameter}={_token}";

    /// <summary>Whether a request may be answered; if not, answers it.</summary>
    public async Task<bool> AdmitsAsync(HttpContext context)
    {
        if (_token is null)
        {
            string host = context.Request.Host.Host.Trim('[', ']');
            if (host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address)))
                return true;
            await RefuseAsync(context, $"This board is for this machine only; its address is not '{host}' but localhost.");
            return false;
        }

        if (context.Request.Query[Parameter].ToString() is { Length: > 0 } given && IsToken(given))
        {
            context.Response.Cookies.Append(
                Cookie, given, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps });
            context.Response.Redirect("/");
            return false;
        }

        if (context.Request.Cookies[Cookie] is { } kept && IsToken(kept))
            return true;
        await RefuseAsync(context, "Open the address that the process printed when it started; it ends with a token.");
        return false;
    }

    private bool IsToken(string text) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(_token!));

    private static Task RefuseAsync(HttpContext context, string reason)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n");
    }
}
