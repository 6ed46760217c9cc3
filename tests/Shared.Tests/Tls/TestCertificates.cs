using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Tests.Tls;

/// <summary>Authorities and certificates of one test, made when they are asked for.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private int _nodes;

    /// <summary>A year after everything here was issued, but for what is told otherwise.</summary>
    public static FixedClock Later { get; } = new(DateTimeOffset.UtcNow.AddYears(1));

    public static FixedClock Now { get; } = new(DateTimeOffset.UtcNow);

    public string Path => _folder.Path;

    /// <summary>What a node of an authority has.</summary>
    /// <param name="names">Its names.</param>
    /// <param name="authority">Which authority; two of the same name are one.</param>
    /// <param name="days">How long its certificate is valid.</param>
    /// <param name="clock">What time the node believes it is.</param>
    public ClusterTls Node(string names = "127.0.0.1", string authority = "ours", int days = 30, TimeProvider? clock = null) =>
        ClusterTls.Read(Folder(names, authority, days), clock ?? Now);

    /// <summary>The folder of a node.</summary>
    public string Folder(string names = "127.0.0.1", string authority = "ours", int days = 30)
    {
        string ca = _folder.File(authority), node = _folder.File($"node{++_nodes}");
        if (!Directory.Exists(ca))
            CertificateAuthority.Create(ca, days: 3650, Now).Dispose();
        CertificateAuthority.Issue(ca, names.Split(','), node, days, Now).Dispose();
        return node;
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>A clock that stands still.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
