using PuppeteerSharp;

namespace Lockstep.Cluster.Tests.Board;

/// <summary>A Chromium without a window. Tests with it are skipped where there is none.</summary>
internal static class Browser
{
    private const string Variable = "LOCKSTEP_CHROMIUM";

    private static readonly string? Program = new[]
    {
        Environment.GetEnvironmentVariable(Variable), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    }.FirstOrDefault(File.Exists);

    public static async Task<IBrowser> StartAsync()
    {
        Skip.If(
            Program is null,
            $"There is no Chromium: install it (Debian: apt-get install chromium), or name its program in {Variable}.");
        return await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = Program,
            // Containers have neither a sandbox nor much shared memory.
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
    }
}
