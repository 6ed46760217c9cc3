using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// One-time tokens that let a worker open its tensor stream. The coordinator issues one to each worker that has joined through the cluster,
/// and identifies the worker by it. Thread-safe.
/// </summary>
/// <param name="clock">Monotonic clock for the expiry; null for the system's.</param>
public sealed class StreamTokens(TimeProvider? clock = null)
{
    /// <summary>Length of a token: 128 random bits.</summary>
    public const int TokenBytes = 16;

    /// <summary>Lifetime of a token that is not redeemed.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Issues a token for a worker. Revokes an earlier one that it has not redeemed.</summary>
    /// <param name="worker">Id of the worker: its unique cluster address.</param>
    /// <param name="lifetime">Lifetime of the token; null for <see cref="DefaultLifetime"/>.</param>
    public byte[] Issue(string worker, TimeSpan? lifetime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(worker);
        byte[] token = RandomNumberGenerator.GetBytes(TokenBytes);
        Add(worker, token, lifetime);
        return token;
    }

    /// <summary>Makes a token valid that another one has issued for a worker. Revokes an earlier one that it has not redeemed.</summary>
    /// <param name="worker">Id of the worker.</param>
    /// <param name="token">The token.</param>
    /// <param name="lifetime">Lifetime of the token; null for <see cref="DefaultLifetime"/>.</param>
    public void Add(string worker, ReadOnlySpan<byte> token, TimeSpan? lifetime = null)
    {
        var added = new Entry(worker, token.ToArray(), _clock.GetTimestamp(), lifetime ?? DefaultLifetime);
        lock (_lock)
        {
            _entries.RemoveAll(entry => entry.Worker == worker || IsExpired(entry, added.Issued));
            _entries.Add(added);
        }
    }

    /// <summary>Revokes a worker's token, for example because the worker left the cluster.</summary>
    public void Revoke(string worker)
    {
        lock (_lock)
            _entries.RemoveAll(entry => entry.Worker == worker);
    }

    /// <summary>Redeems a token. Compares in constant time.</summary>
    /// <param name="token">The token that the peer presented.</param>
    /// <param name="worker">The UTF-8 bytes of the id that the peer gave.</param>
    /// <returns>
    /// The worker of the token; null if the token is invalid or belongs to another worker. A valid token is used up even then.
    /// </returns>
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
