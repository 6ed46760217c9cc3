using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// One-time tokens that let a worker open its tensor stream. The coordinator issues one to each worker that joined through the cluster;
/// whoever presents it is that worker. Safe to use from any thread.
/// </summary>
/// <param name="clock">Its timestamps tell when a token expires, since nobody sets them; null is the system's clock.</param>
public sealed class StreamTokens(TimeProvider? clock = null)
{
    /// <summary>Length of a token: 128 random bits.</summary>
    public const int TokenBytes = 16;

    /// <summary>How long a token that nobody redeems is valid.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Issues a token for a worker. An earlier one that it has not redeemed is revoked.</summary>
    /// <param name="worker">Id of the worker that both sides know: its unique address in the cluster.</param>
    /// <param name="lifetime">How long the token is valid; null is <see cref="DefaultLifetime"/>.</param>
    public byte[] Issue(string worker, TimeSpan? lifetime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(worker);
        byte[] token = RandomNumberGenerator.GetBytes(TokenBytes);
        long now = _clock.GetTimestamp();
        lock (_lock)
        {
            _entries.RemoveAll(entry => entry.Worker == worker || IsExpired(entry, now));
            _entries.Add(new Entry(worker, [.. token], now, lifetime ?? DefaultLifetime));
        }

        return token;
    }

    /// <summary>Makes a worker's token void, for example because the worker left the cluster.</summary>
    public void Revoke(string worker)
    {
        lock (_lock)
            _entries.RemoveAll(entry => entry.Worker == worker);
    }

    /// <summary>Uses a token up. The time it takes says nothing about how much of a wrong token is right.</summary>
    /// <param name="token">What the peer presented.</param>
    /// <param name="worker">The UTF-8 bytes of the id that the peer gave.</param>
    /// <returns>The worker that the token was issued to; null if the token is not valid, or not for this worker. A valid token is used up even then.</returns>
    internal string? Redeem(ReadOnlySpan<byte> token, ReadOnlySpan<byte> worker)
    {
        long now = _clock.GetTimestamp();
        lock (_lock)
        {
            Entry? match = null;
            foreach (Entry entry in _entries)
            {
                if (CryptographicOperations.FixedTimeEquals(entry.Token, token))
                    match = entry;
            }

            if (match is null)
                return null;
            _entries.Remove(match);
            return !IsExpired(match, now) && worker.SequenceEqual(Encoding.UTF8.GetBytes(match.Worker)) ? match.Worker : null;
        }
    }

    private bool IsExpired(Entry entry, long now) => _clock.GetElapsedTime(entry.Issued, now) >= entry.Lifetime;

    private sealed record Entry(string Worker, byte[] Token, long Issued, TimeSpan Lifetime);
}
