using System.Diagnostics;
using System.Runtime.InteropServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Kernels;

/// <summary>The kernel tests once more, in processes that may use only part of the processor's instructions.</summary>
public class KernelProcessTests
{
    // A few seconds each, but beside other tests on a busy machine.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // Digest of the short training of KernelSelfCheck, then the fingerprint: equal bytes on every machine.
    private const string Digests = "b90f50566b7821cbf920cb08cbd35525f051c21ab9dc36ddbc108d273a59cc25 "
        + "7b1bb52787a9c86b96e403310b714eb5d8920f225366218dd040a1f63a17fbb5";

    [SkippableTheory]
    [InlineData("DOTNET_EnableAVX512", "0", SimdWidth.Bits256)]
    [InlineData("DOTNET_EnableAVX2", "0", SimdWidth.Bits128)]
    [InlineData("DOTNET_EnableHWIntrinsic", "0", SimdWidth.Scalar)]
    public async Task SelfCheck_WithoutSomeInstructions_UsesNarrowerKernelsAndGivesTheSameBytes(
        string variable, string value, SimdWidth widest)
    {
        Skip.If(RuntimeInformation.ProcessArchitecture != Architecture.X64, "These switches of the runtime are for x64.");
        SimdWidth expected = (SimdWidth)Math.Min((int)widest, (int)KernelDispatch.Available[^1]);
        Assert.Equal($"{expected} {Digests}", await RunSelfCheck(variable, value, "kernels"));
    }

    [Fact]
    public async Task SelfCheck_EveryFormAsked_IsUsedAndGivesTheSameBytes()
    {
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            string name = width == SimdWidth.Scalar ? "scalar" : ((int)width).ToString(System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal($"{width} {Digests}", await RunSelfCheck(KernelDispatch.Variable, name));
        }
    }

    private static async Task<string> RunSelfCheck(string variable, string value, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", typeof(KernelProcessTests).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.Ordinal))
            start.FileName = "dotnet";
        start.Environment.Remove(KernelDispatch.Variable);
        start.Environment[variable] = value;
        using Process child = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Deadline);
        Task<string> output = child.StandardOutput.ReadToEndAsync(deadline.Token),
        errors = child.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await child.WaitForExitAsync(deadline.Token);
            Assert.True(child.ExitCode == 0, $"The kernel self-check with {variable}={value} failed:\n{await errors}{await output}");
            return (await output).Trim();
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            throw new TimeoutException($"The kernel self-check with {variable}={value} did not end within {Deadline.TotalMinutes:F0} min.");
        }
    }
}
