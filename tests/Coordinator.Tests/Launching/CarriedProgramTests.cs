using System.Formats.Tar;
using System.IO.Compression;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Coordinator.Tests.Launching;

public sealed class CarriedProgramTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-carried-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void CopyTo_PublishedFolder_SendsTheProgramAndNothingElseThatIsThere()
    {
        foreach (string file in new[] { "renamed", "lockstep.dll", "libcoreclr.so", "lockstep.deps.json", "lockstep.runtimeconfig.json", "lockstep.pdb", "lockstep.secret", "mine.json" })
            File.WriteAllText(Path.Combine(_folder.FullName, file), new string('x', 100_000) + file);
        _folder.CreateSubdirectory("runs");
        var archive = new MemoryStream();
        var steps = new List<long>();

        using (var program = CarriedProgram.Pack(_folder.FullName, Path.Combine(_folder.FullName, "renamed")))
        {
            program.CopyTo(archive, steps.Add);
            Assert.Equal(program.Bytes, archive.Length);
        }

        Assert.Equal(archive.Length, steps[^1]);
        archive.Position = 0;
        using var tar = new TarReader(new GZipStream(archive, CompressionMode.Decompress));
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
            string text = new StreamReader(entry.DataStream!).ReadToEnd();
            Assert.EndsWith(entry.Name == "lockstep" ? "renamed" : entry.Name, text, StringComparison.Ordinal);
        }

        Assert.Equal(["lockstep", "libcoreclr.so", "lockstep.deps.json", "lockstep.dll", "lockstep.runtimeconfig.json"], names);
    }
}
