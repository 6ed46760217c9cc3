using System.Net;
using System.Net.Sockets;
using Lockstep.Shared.Cluster;
using Lockstep.Worker.Hosting;

namespace Lockstep.Worker.Tests.Hosting;

/// <summary>A coordinator's name has an address of IPv4 and one of IPv6, and it listens on one of them.</summary>
public sealed class SourceAddressTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public static TheoryData<string, string> Addresses => new()
    {
        { "127.0.0.1", "127.0.0.1,::1" }, { "127.0.0.1", "::1,127.0.0.1" }, { "::1", "127.0.0.1,::1" }, { "::1", "::1,127.0.0.1" },
    };

    [SkippableTheory]
    [MemberData(nameof(Addresses))]
    public async Task FindAsync_OneAddressAnswers_FacesThatOne(string listens, string resolved)
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var coordinator = new TcpListener(IPAddress.Parse(listens), 0);
        coordinator.Start();
        int port = ((IPEndPoint)coordinator.LocalEndpoint).Port;
        Seed[] seeds = [.. resolved.Split(',').Select(address => new Seed(new IPEndPoint(IPAddress.Parse(address), port), "name"))];

        (IPAddress? address, string? problem) = await SourceAddress.FindAsync(seeds, Timeout, CancellationToken.None);

        Assert.Null(problem);
        Assert.Equal(IPAddress.Parse(listens), address);
    }

    [SkippableFact]
    public async Task FindAsync_NoneAnswersYet_FacesTheFirstWithARoute()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        int port = ((IPEndPoint)unused.LocalEndpoint).Port;
        unused.Stop();
        Seed[] seeds = [new(new IPEndPoint(IPAddress.Loopback, port)), new(new IPEndPoint(IPAddress.IPv6Loopback, port))];

        Assert.Equal(IPAddress.Loopback, (await SourceAddress.FindAsync(seeds, Timeout, CancellationToken.None)).Address);
    }
}
