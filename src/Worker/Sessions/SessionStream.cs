using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Worker.Sessions;

/// <summary>Opens the stream of a session to a coordinator in another process.</summary>
internal static class SessionStream
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // The coordinator sends at least once a second.
    private static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(10);

    /// <summary>Connects, and presents the token of an offer.</summary>
    /// <param name="offer">The coordinator's offer to join.</param>
    /// <param name="worker">This worker's id, as the coordinator knows it.</param>
    /// <param name="options">Secret and certificate.</param>
    /// <param name="coordinatorName">Name or address that the coordinator's certificate must be for; null for where it listens.</param>
    /// <param name="idleTimeout">Maximum silence of the stream; null for ten seconds.</param>
    /// <exception cref="StreamException">The coordinator was not reached, or one side does not trust the other.</exception>
    public static FrameStream Open(
        RunOffered offer, string worker, WorkerOptions options, string? coordinatorName, TimeSpan? idleTimeout = null)
    {
        var connection = TensorConnection.Connect(
            offer.StreamHost, offer.StreamPort, offer.Run, offer.Token, worker, ConnectTimeout, options.Secret, options.Tls,
            coordinatorName);
        connection.SetIdleTimeout(idleTimeout ?? MostSilence);
        return connection;
    }
}
