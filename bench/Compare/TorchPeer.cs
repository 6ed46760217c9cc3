using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lockstep.Bench.Compare;

/// <summary>
/// PyTorch, by <c>bench/peers/serve.py</c>: it stays loaded and does what it is asked to, so that both sides are measured in turn.
/// Each process computes on one thread, with the kernels that its BLAS takes by itself.
/// </summary>
internal sealed class TorchPeer : IDisposable
{
    private readonly List<Process> _ranks = [];

    private TorchPeer(string folder, int ranks)
    {
        int port = FreePort();
        for (int rank = 0; rank < ranks; rank++)
        {
            ProcessStartInfo start = Command("serve.py", [folder], rank, ranks, port);
            start.RedirectStandardInput = true;
            _ranks.Add(Process.Start(start)!);
        }

        Description = Read().ToJsonString();
    }

    /// <summary>Versions, and the kernels of its BLAS.</summary>
    public string Description { get; }

    /// <summary>Starts it and waits until it has read the data.</summary>
    /// <exception cref="RowSkippedException">There is no PyTorch here.</exception>
    public static TorchPeer Start(string folder, int ranks)
    {
        Require();
        return new TorchPeer(folder, ranks);
    }

    /// <exception cref="RowSkippedException">There is no PyTorch here.</exception>
    public static void Require()
    {
        string problem;
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(Python, ["-c", "import torch.distributed"]) { RedirectStandardError = true })!;
            problem = process.StandardError.ReadToEnd().Trim().Split('\n')[^1];
            process.WaitForExit();
            if (process.ExitCode == 0)
                return;
        }
        catch (Win32Exception exception)
        {
            problem = exception.Message;
        }

        throw new RowSkippedException($"'{Python}' cannot import torch ({problem}): install it (Debian: python3-torch, "
            + "libopenblas0-pthread), or name an interpreter that can with LOCKSTEP_PYTHON.");
    }

    /// <summary>A script of <c>bench/peers</c> as one of several ranks, one thread each.</summary>
    public static ProcessStartInfo Command(string script, IEnumerable<string> arguments, int rank, int ranks, int port)
    {
        var start = new ProcessStartInfo(
            Python, [Path.Combine(AppContext.BaseDirectory, "peers", script), .. arguments])
        { RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        // Left to itself, OpenBLAS takes the kernels that suit the processor.
        start.Environment.Remove("OPENBLAS_CORETYPE");
        start.Environment.Remove("OPENBLAS_L2_SIZE");
        if (ranks > 1)
        {
            start.Environment["RANK"] = $"{rank}";
            start.Environment["WORLD_SIZE"] = $"{ranks}";
            start.Environment["MASTER_ADDR"] = "127.0.0.1";
            start.Environment["MASTER_PORT"] = $"{port}";
        }

        return start;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Trains some steps and gives examples per second and the mean loss.</summary>
    public (double Rate, double Loss) Train(IReadOnlyList<int> widths, int batch, int steps, bool byHand = false, bool lenet = false)
    {
        JsonNode answer = Ask(new { @do = "train", widths, batch, keep = 0.5, steps, byHand, lenet });
        return (steps * (double)batch / answer["seconds"]!.GetValue<double>(), answer["loss"]!.GetValue<double>());
    }

    /// <summary>Evaluates the 10,000 test images and gives seconds and accuracy.</summary>
    public (double Seconds, double Accuracy) Evaluate(IReadOnlyList<int> widths, int batch, int times)
    {
        JsonNode answer = Ask(new { @do = "evaluate", widths, batch, times });
        return (answer["seconds"]!.GetValue<double>(), answer["accuracy"]!.GetValue<double>());
    }

    public void Dispose()
    {
        _ranks[0].StandardInput.Close();
        foreach (Process rank in _ranks)
        {
            if (!rank.WaitForExit(TimeSpan.FromSeconds(10)))
                rank.Kill(entireProcessTree: true);
            rank.Dispose();
        }
    }

    private static string Python => Environment.GetEnvironmentVariable("LOCKSTEP_PYTHON") is { Length: > 0 } chosen ? chosen : "python3";

    private JsonNode Ask(object request)
    {
        _ranks[0].StandardInput.WriteLine(JsonSerializer.Serialize(request));
        _ranks[0].StandardInput.Flush();
        return Read();
    }

    private JsonNode Read() =>
        JsonNode.Parse(
            _ranks[0].StandardOutput.ReadLine() ?? throw new InvalidOperationException("A PyTorch peer ended; its error is above."))!;
}
