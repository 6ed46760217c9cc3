using System.Net;
using System.Net.Sockets;

namespace Lockstep.Coordinator.Hosting;

/// <summary>The process cannot listen on the given address. The message says why and what to do.</summary>
/// <param name="address">The address.</param>
/// <param name="cause">The system's error.</param>
/// <param name="option">The option that gave the address.</param>
public sealed class ListenException(IPEndPoint address, SocketException cause, string option = "--listen") : Exception(
    cause.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            $"Cannot listen on {address}: another program uses this port. Choose another one with {option}, or port 0 for a free one.",
        SocketError.AddressNotAvailable =>
            $"Cannot listen on {address}: this machine does not have that address. "
                + $"Give one of its own with {option}, such as 127.0.0.1:{address.Port}.",
        SocketError.AccessDenied =>
            $"Cannot listen on {address}: this user may not use that port. Choose one above 1023 with {option}.",
        _ => $"Cannot listen on {address}: {cause.Message}. Choose another address with {option}.",
    },
    cause)
{
    /// <summary>What to tell of a server that did not start.</summary>
    /// <param name="error">What its start has thrown.</param>
    /// <param name="address">The address.</param>
    /// <param name="option">The option that gave the address.</param>
    /// <returns>The exception to throw; null if the error is not the system's refusal of the address.</returns>
    public static ListenException? Of(Exception error, IPEndPoint address, string option = "--listen") =>
        SocketErrorIn(error) is { } cause ? new ListenException(address, cause, option) : null;

    private static SocketException? SocketErrorIn(Exception error) => error switch
    {
        SocketException socket => socket,
        AggregateException several => several.InnerExceptions.Select(SocketErrorIn).FirstOrDefault(found => found is not null),
        { InnerException: { } inner } => SocketErrorIn(inner),
        _ => null,
    };
}
