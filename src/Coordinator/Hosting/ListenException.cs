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
    cause);
