using System.Buffers.Binary;
using Lockstep.Model.Data;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>
/// A folder that looks to a reader like a checkout of this repository, with <c>lockstep</c> on the path, no network, and a small data set
/// in place of MNIST.
/// </summary>
internal sealed class Checkout : IDisposable
{
    // The same build of it, in its own folder.
    private static readonly string Service = AppContext.BaseDirectory.Replace("tests/Cli.Tests", "samples/Serve", StringComparison.Ordinal)
        + "Lockstep.Serve.dll";

    private readonly TemporaryFolder _folder = new();

    /// <summary>Copies what documents refer to.</summary>
    /// <param name="images">Training images of the data set.</param>
    public Checkout(int images)
    {
        foreach (string part in (string[])["samples", "samples/your-own-data", "samples/photographs", "docs/images", "deploy/kubernetes"])
        {
            _ = Directory.CreateDirectory(_folder.File(part));
            foreach (string file in Directory.GetFiles(Path.Combine(Document.Root, part)))
                File.Copy(file, Path.Combine(_folder.File(part), Path.GetFileName(file)));
        }

        _ = Directory.CreateDirectory(_folder.File("data"));
        Write("train", ((ImageSet)DigitModel.Data.Training).Slice(0, images));
        Write("t10k", ((ImageSet)DigitModel.Data.Test).Slice(0, 500));
        // A published program starts in a third of the time.
        string program = Environment.GetEnvironmentVariable("LOCKSTEP_TEST_PROGRAM") is { Length: > 0 } published
            ? $"'{published}'"
            : $"'{Environment.ProcessPath}' '{Path.Combine(AppContext.BaseDirectory, "lockstep.dll")}'";
        Program("lockstep", $"exec {program} \"$@\"");
        if (Environment.GetEnvironmentVariable("LOCKSTEP_PYTHON") is { Length: > 0 } python)
            Program("python3", $"exec '{python}' \"$@\"");
        // Compiling here would take minutes; what is run and published is the program of this build.
        Program("dotnet", $"""
            case "$*" in
              "run -c Release --project src/Cli -- "*) shift 6; exec lockstep "$@" ;;
              "publish src/Cli -c Release -r linux-x64 -o lockstep") mkdir -p lockstep && cp "$(command -v lockstep)" lockstep/ ;;
              "publish samples/Serve -c Release -o serve")
                mkdir -p serve && printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' '{Environment.ProcessPath}' '{Service}' > serve/Lockstep.Serve
                chmod +x serve/Lockstep.Serve ;;
              *) echo "dotnet $*: unexpected" >&2; exit 1 ;;
            esac
            """);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Whether a file is there.</summary>
    public bool Has(string name) => Path.Exists(_folder.File(name));

    /// <summary>What a shell does with a text: exit code, and all output.</summary>
    /// <param name="text">What a reader types.</param>
    /// <param name="environment">More variables.</param>
    public Task<(int ExitCode, string Output)> RunAsync(string text, params IEnumerable<(string Name, string Value)> environment) =>
        // Compiled in haste: most of a short run is compiling.
        DocumentShell.RunAsync(
            _folder.Path, text,
            [("LOCKSTEP_DATA_DIR", _folder.File("data")), ("DOTNET_TC_QuickJitForLoops", "1"), .. environment]);

    private void Program(string name, string script) => DocumentShell.AddProgram(_folder.Path, name, script);

    /// <summary>Two files in MNIST's format.</summary>
    private void Write(string part, ImageSet set)
    {
        byte[] images = new byte[16 + set.Count * set.Pixels], labels = new byte[8 + set.Count];
        (byte[], int[])[] files = [(images, [0x803, set.Count, set.Height, set.Width]), (labels, [0x801, set.Count])];
        foreach ((byte[] file, int[] header) in files)
        {
            for (int i = 0; i < header.Length; i++)
                BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 * i), header[i]);
        }

        set.Labels.CopyTo(labels.AsSpan(8));
        for (int image = 0; image < set.Count; image++)
            set.CopyPixels(image, images.AsSpan(16 + image * set.Pixels, set.Pixels));
        File.WriteAllBytes(_folder.File($"data/{part}-images-idx3-ubyte"), images);
        File.WriteAllBytes(_folder.File($"data/{part}-labels-idx1-ubyte"), labels);
    }
}
